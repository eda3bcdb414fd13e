//! `GET /api/gateway/audit`

use axum::Json;
use axum::extract::State;

use crate::api::AppState;
use crate::api::audit::hex;
use crate::api::auth::{AuditRead, Permit};
use crate::api::extract::{Fields, QueryFields};
use crate::api::page::Page;
use crate::api::problem::Refusal;
use crate::api::types::{AuditEntry, AuditList, Problem};
use crate::store::audit::{AuditFilter, AuditRecord};

fn shown(record: AuditRecord) -> AuditEntry {
    AuditEntry {
        id: record.id,
        at: record.at,
        actor: record.actor,
        via: record.via,
        address: record.address,
        request_id: record.request_id,
        call: record.call,
        path: record.path,
        target: record.target,
        status: record.status,
        code: record.code,
        before: record.before,
        after: record.after,
        digest: hex(&record.digest),
    }
}

fn read_word(fields: &mut Fields, name: &str) -> Option<String> {
    let text = fields.text(name).filter(|text| !text.is_empty())?;
    if text.chars().any(char::is_control) {
        fields.refuse(name, "character", "must not hold control characters");
    }
    Some(text)
}

/// List the audit log
///
/// Calls that changed something, and calls of somebody known that were refused, newest first.
#[utoipa::path(
    get,
    path = "/api/gateway/audit",
    operation_id = "list_audit",
    tag = "access",
    security(("api_key" = ["audit:read"]), ("session" = ["audit:read"])),
    params(
        ("actor" = inline(Option<String>), Query, description = "Only by this actor, such as user:owner@localhost", nullable = false),
        ("target" = inline(Option<String>), Query, description = "Only about this target, such as tenant: and its id", nullable = false),
        ("call" = inline(Option<String>), Query, description = "Only this operation id, such as suspend_tenant", nullable = false),
        ("limit" = inline(Option<i32>), Query, description = "Items at most; 50 when left out", nullable = false, minimum = 1, maximum = 200),
        ("cursor" = inline(Option<String>), Query, description = "next_cursor of the page before", nullable = false),
    ),
    responses(
        (status = 200, description = "A page of the log", body = AuditList),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn list_audit(
    State(state): State<AppState>,
    _permit: Permit<AuditRead>,
    QueryFields(mut fields): QueryFields,
) -> Result<Json<AuditList>, Refusal> {
    let actor = read_word(&mut fields, "actor");
    let target = read_word(&mut fields, "target");
    let call = read_word(&mut fields, "call");
    let page = Page::read(&mut fields);
    fields.finish()?;
    let filter = AuditFilter { actor, target, call, before: page.after, limit: page.ask() };
    let mut records = state.store.list_audit(&filter).await?;
    let next_cursor = page.cut(&mut records, |record| record.id);
    Ok(Json(AuditList { items: records.into_iter().map(shown).collect(), next_cursor }))
}
