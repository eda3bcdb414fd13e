//! `POST /api/gateway/tenants/{id_or_key}/logs` and `GET /api/gateway/tenants/{id_or_key}/logs/{id}`

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde_json::Value;
use uuid::Uuid;

use crate::api::AppState;
use crate::api::auth::{Permit, TenantsLogs};
use crate::api::call::{Awaited, Call, Early, Effect};
use crate::api::extract::{Fields, NoQuery, TenantPath, tenant_ref};
use crate::api::problem::Refusal;
use crate::api::types::{InspectionError, Problem, ReadLogs, TenantLogLine, TenantLogs};
use crate::domain::ids::InspectionId;
use crate::domain::inspection::{
    ContainerLogs, DEFAULT_LINES, InspectionKind, InspectionRequest, LogStream, MAX_LINES,
};
use crate::domain::tenant::Tier;
use crate::domain::version::Version;
use crate::store::inspections::{InspectionRecord, place_of};
use crate::store::tenants::TenantRecord;

/// A tenant that has no container of its own to look into.
///
/// # Errors
/// 409 for a shared one.
pub(super) fn require_dedicated(tenant: &TenantRecord) -> Result<(), Refusal> {
    if tenant.tier == Tier::Dedicated {
        return Ok(());
    }
    let detail = "the tenant is served by a shared pool and has no container of its own";
    Err(Refusal::new(StatusCode::CONFLICT, "not_dedicated", "Not dedicated", detail))
}

fn no_such_logs() -> Refusal {
    let detail = "there is no such reading of yours, or no longer";
    Refusal::new(StatusCode::NOT_FOUND, "logs_not_found", "No such reading", detail)
}

fn read(mut fields: Fields) -> Result<InspectionRequest, Refusal> {
    let lines = fields.whole("lines", 1..=MAX_LINES).unwrap_or(DEFAULT_LINES);
    let since = fields.text("since").and_then(|text| {
        let at = text.parse::<Timestamp>();
        at.inspect_err(|_| fields.refuse("since", "time", "must be a time such as 2030-01-31T12:00:00Z")).ok()
    });
    fields.finish()?;
    Ok(InspectionRequest::Logs { lines, since })
}

/// What is shown of a reading that was asked for.
fn shown(record: &InspectionRecord) -> TenantLogs {
    let error = record.error.as_ref();
    TenantLogs {
        id: record.id.as_uuid(),
        tenant_id: record.tenant_id.as_uuid(),
        state: record.state,
        created_at: record.created_at,
        ended_at: record.ended_at,
        lines: None,
        cut: None,
        error: error.map(|(code, message)| InspectionError { code: code.clone(), message: message.clone() }),
    }
}

/// What is shown to those who asked, with the lines once they are there.
fn opened(state: &AppState, record: &InspectionRecord) -> Result<TenantLogs, Refusal> {
    let mut logs = shown(record);
    let Some(sealed) = &record.result else { return Ok(logs) };
    let text = state.settings.key_ring.open(&place_of(record.id), sealed);
    let text = text.map_err(|error| Refusal::internal().because(&error))?;
    let found: ContainerLogs =
        serde_json::from_str(text.expose_secret()).map_err(|error| Refusal::internal().because(&error))?;
    let line = |line: crate::domain::inspection::LogLine| TenantLogLine {
        at: line.at,
        stream: LogStream::parse(&line.stream).unwrap_or(LogStream::Stdout),
        text: line.text,
    };
    logs.lines = Some(found.lines.into_iter().map(line).collect());
    logs.cut = Some(found.is_cut);
    Ok(logs)
}

/// A reading once it has ended; `None` before.
///
/// # Errors
/// 404 where it is gone.
pub(in crate::api) async fn ended(
    state: &AppState,
    id: InspectionId,
) -> Result<Option<(Value, Option<Version>)>, Refusal> {
    let record = state.store.inspection(id).await?.ok_or_else(no_such_logs)?;
    if record.state.is_open() {
        return Ok(None);
    }
    let logs = serde_json::to_value(opened(state, &record)?);
    Ok(Some((logs.map_err(|error| Refusal::internal().because(&error))?, None)))
}

/// Read the log of a tenant's app
///
/// Of a dedicated tenant: a worker reads the last lines that its container wrote. They may hold data of the tenant's
/// customers, so each reading is in the audit log, nobody but the caller gets the lines, and they are kept for two minutes.
/// Give prefer: wait, or look at the location header until it has ended.
#[utoipa::path(
    post,
    path = "/api/gateway/tenants/{id_or_key}/logs",
    operation_id = "read_tenant_logs",
    tag = "tenants",
    security(("api_key" = ["tenants:logs"]), ("session" = ["tenants:logs"])),
    params(("id_or_key" = String, Path, description = "Id or key of the tenant")),
    request_body = ReadLogs,
    responses(
        (status = 202, description = "Accepted", body = TenantLogs, headers(("location" = String, description = "The reading"))),
        (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It has no container of its own", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn read_tenant_logs(
    State(state): State<AppState>,
    permit: Permit<TenantsLogs>,
    TenantPath(which): TenantPath,
    mut call: Call,
) -> Result<Response, Early> {
    let request = read(std::mem::take(&mut call.body))?;
    let caller = &permit.caller;
    let tenant = state.store.tenant_within(&which, caller.reach()).await?.ok_or_else(Refusal::no_such_tenant)?;
    require_dedicated(&tenant)?;
    let mut change = call.begin(&state, caller).await?;
    change.require_version(tenant.version)?;
    let record = change.create_inspection(tenant.id, &request, &caller.principal()).await?;
    let logs = shown(&record);
    let effect = Effect::new(StatusCode::ACCEPTED, format!("tenant:{}", tenant.id), &logs)?;
    let place = format!("/api/gateway/tenants/{}/logs/{}", tenant.id, record.id);
    let effect = effect.changing(None::<&Value>, Some(&record.parameters))?.at(Some(place));
    call.finish(&state, caller, change, effect.awaiting(Awaited::Logs(record.id))).await
}

/// Get what was read of a log
///
/// For who asked for it, within two minutes.
#[utoipa::path(
    get,
    path = "/api/gateway/tenants/{id_or_key}/logs/{id}",
    operation_id = "get_tenant_logs",
    tag = "tenants",
    security(("api_key" = ["tenants:logs"]), ("session" = ["tenants:logs"])),
    params(
        ("id_or_key" = String, Path, description = "Id or key of the tenant"),
        ("id" = Uuid, Path, description = "Id of the reading"),
    ),
    responses(
        (status = 200, description = "The reading", body = TenantLogs),
        (status = 404, description = "No such tenant, or no such reading", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn get_tenant_logs(
    State(state): State<AppState>,
    permit: Permit<TenantsLogs>,
    _query: NoQuery,
    Path((tenant, id)): Path<(String, String)>,
) -> Result<Json<TenantLogs>, Refusal> {
    let which = tenant_ref(&tenant).ok_or_else(Refusal::no_such_tenant)?;
    let tenant = state.store.tenant_within(&which, permit.caller.reach()).await?.ok_or_else(Refusal::no_such_tenant)?;
    let id = Uuid::try_parse(&id).map(InspectionId::from_uuid).map_err(|_| no_such_logs())?;
    let record = state.store.inspection(id).await?.filter(|record| {
        record.tenant_id == tenant.id
            && record.kind == InspectionKind::Logs
            && record.principal == permit.caller.principal()
    });
    Ok(Json(opened(&state, &record.ok_or_else(no_such_logs)?)?))
}
