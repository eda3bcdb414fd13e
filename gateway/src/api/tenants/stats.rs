//! `GET /api/gateway/tenants/{id_or_key}/stats`

use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use secrecy::ExposeSecret;

use crate::api::AppState;
use crate::api::auth::{Permit, TenantsRead};
use crate::api::extract::{NoQuery, TenantPath};
use crate::api::problem::Refusal;
use crate::api::tenants::logs::require_dedicated;
use crate::api::types::{Problem, TenantStats};
use crate::domain::inspection::ContainerStats;
use crate::store::inspections::{InspectionRecord, place_of};

/// Longest wait for a worker; Docker Engine takes two seconds of it.
const PATIENCE: Duration = Duration::from_secs(6);
/// Between two looks whether a worker is through.
const PAUSE: Duration = Duration::from_millis(50);

fn unknown(code: &str, message: &str, seen_at: Timestamp) -> TenantStats {
    TenantStats {
        known: false,
        code: Some(code.to_owned()),
        message: Some(message.to_owned()),
        seen_at,
        state: None,
        image: None,
        started_at: None,
        restarts: None,
        exit_code: None,
        out_of_memory: None,
        cpus_used: None,
        cpus_limit: None,
        memory_bytes: None,
        memory_limit_bytes: None,
        pids: None,
        pids_limit: None,
        received_bytes: None,
        sent_bytes: None,
    }
}

fn shown(found: ContainerStats, seen_at: Timestamp) -> TenantStats {
    TenantStats {
        known: true,
        code: None,
        message: None,
        seen_at,
        state: Some(found.state),
        image: found.image,
        started_at: found.started_at,
        restarts: Some(found.restarts),
        exit_code: found.exit_code,
        out_of_memory: Some(found.is_out_of_memory),
        cpus_used: found.cpus_used,
        cpus_limit: found.cpus_limit,
        memory_bytes: found.memory_bytes,
        memory_limit_bytes: found.memory_limit_bytes,
        pids: found.pids,
        pids_limit: found.pids_limit,
        received_bytes: found.received_bytes,
        sent_bytes: found.sent_bytes,
    }
}

fn opened(state: &AppState, record: &InspectionRecord) -> Result<TenantStats, Refusal> {
    let seen_at = record.ended_at.unwrap_or(record.created_at);
    let Some(sealed) = &record.result else {
        let (code, message) =
            record.error.as_ref().map_or(("unknown", "it failed"), |(code, text)| (code.as_str(), text.as_str()));
        return Ok(unknown(code, message, seen_at));
    };
    let text = state.settings.key_ring.open(&place_of(record.id), sealed);
    let text = text.map_err(|error| Refusal::internal().because(&error))?;
    let found = serde_json::from_str(text.expose_secret()).map_err(|error| Refusal::internal().because(&error))?;
    Ok(shown(found, seen_at))
}

/// Look at what a tenant's container uses
///
/// Of a dedicated tenant: its state, CPU, memory, processes and network. A worker looks, which takes a second or two; callers
/// at the same time share a look. Where no worker answers, known is false.
#[utoipa::path(
    get,
    path = "/api/gateway/tenants/{id_or_key}/stats",
    operation_id = "get_tenant_stats",
    tag = "tenants",
    security(("api_key" = ["tenants:read"]), ("session" = ["tenants:read"])),
    params(("id_or_key" = String, Path, description = "Id or key of the tenant")),
    responses(
        (status = 200, description = "What it uses", body = TenantStats),
        (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It has no container of its own", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn get_tenant_stats(
    State(state): State<AppState>,
    permit: Permit<TenantsRead>,
    TenantPath(which): TenantPath,
    _query: NoQuery,
) -> Result<Json<TenantStats>, Refusal> {
    let caller = &permit.caller;
    let tenant = state.store.tenant_within(&which, caller.reach()).await?.ok_or_else(Refusal::no_such_tenant)?;
    require_dedicated(&tenant)?;
    let until = Instant::now() + PATIENCE;
    let id = state.store.ask_stats(tenant.id, &caller.principal()).await?;
    loop {
        match state.store.inspection(id).await? {
            Some(record) if !record.state.is_open() => return Ok(Json(opened(&state, &record)?)),
            Some(_) if Instant::now() < until => tokio::time::sleep(PAUSE).await,
            _ => {
                let message = format!("no worker looked within {} s; see that one runs", PATIENCE.as_secs());
                return Ok(Json(unknown("no_worker", &message, Timestamp::now())));
            }
        }
    }
}
