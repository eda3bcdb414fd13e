//! `/api/gateway/password-resets`: for people who do not know their password.

pub(super) mod confirm;
pub(super) mod request;
