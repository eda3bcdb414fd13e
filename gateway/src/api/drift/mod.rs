//! `/api/gateway/drift`: one file per verb.

pub(super) mod list;
pub(super) mod repair;
