//! `/api/gateway/session`: logging in and out.

pub(super) mod create;
pub(super) mod delete;
