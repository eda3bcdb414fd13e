//! `GET /api/gateway/audit/check`

use axum::Json;
use axum::extract::State;

use crate::api::AppState;
use crate::api::audit::hex;
use crate::api::auth::{AuditRead, Permit};
use crate::api::extract::NoQuery;
use crate::api::problem::Refusal;
use crate::api::types::AuditCheck;

/// Check the audit log
///
/// Computes the digest of every entry anew and compares. Takes longer the longer the log is.
#[utoipa::path(
    get,
    path = "/api/gateway/audit/check",
    operation_id = "check_audit",
    tag = "access",
    security(("api_key" = ["audit:read"]), ("session" = ["audit:read"])),
    responses((status = 200, description = "What was found", body = AuditCheck))
)]
pub(in crate::api) async fn check_audit(
    State(state): State<AppState>,
    _permit: Permit<AuditRead>,
    _query: NoQuery,
) -> Result<Json<AuditCheck>, Refusal> {
    let check = state.store.check_audit().await?;
    Ok(Json(AuditCheck {
        whole: check.broken.is_none(),
        entries: check.rows,
        digest: hex(&check.digest),
        broken_at: check.broken.map(|(id, _)| id),
        why: check.broken.map(|(_, why)| why.to_owned()),
    }))
}
