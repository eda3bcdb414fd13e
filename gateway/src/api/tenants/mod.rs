//! `/api/gateway/tenants`: one file per verb.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod edit;
pub(super) mod first_user;
pub(super) mod get;
pub(super) mod list;
pub(super) mod logs;
pub(super) mod pause;
pub(super) mod reactivate;
pub(super) mod relocate;
pub(super) mod resume;
pub(super) mod retry;
pub(super) mod reveal;
pub(super) mod rotate;
pub(super) mod stats;
pub(super) mod suspend;
pub(super) mod undelete;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;

use crate::api::AppState;
use crate::api::auth::Caller;
use crate::api::call::{Awaited, Call, Early, Effect};
use crate::api::problem::Refusal;
use crate::api::types::{OperationRef, Tenant, TenantError};
use crate::config::Settings;
use crate::domain::ids::TenantId;
use crate::domain::status::Status;
use crate::domain::version::Version;
use crate::store::StoreError;
use crate::store::tenants::{RecordedError, TenantRecord, TenantRef};
use crate::store::wishes::Wish;

/// What is shown of a recorded error.
pub(super) fn shown_error(error: RecordedError) -> TenantError {
    TenantError { step: error.step, code: error.code, message: error.message }
}

/// Where people reach a host: scheme and port are those of Traefik's entry point, where it is known.
pub(super) fn url_of(host: &str, settings: &Settings) -> String {
    let entry = settings.edge.entry_url.as_ref();
    let scheme = entry.map_or("http", url::Url::scheme);
    match entry.and_then(url::Url::port) {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    }
}

/// What is shown of a tenant.
fn shown(record: TenantRecord, settings: &Settings) -> Tenant {
    Tenant {
        id: record.id.as_uuid(),
        key: record.key,
        company_name: record.company_name,
        labels: record.labels,
        notes: record.notes,
        tier: record.tier,
        plan: record.plan,
        status: record.status,
        paused: record.paused,
        url: record.host.as_deref().map(|host| url_of(host, settings)),
        host: record.host,
        pool_id: record.pool_id,
        database: record.database,
        server: record.server,
        network: record.network,
        network_name: record.network_name,
        subnet: record.subnet.map(|net| net.to_string()),
        route_pinned: record.route_pinned,
        migration_version: record.migration_version,
        container_image: record.container_image,
        generation: record.generation,
        observed_generation: record.observed_generation,
        attempt: record.attempt,
        due_at: record.due_at,
        purge_at: record.purge_at,
        reason: record.reason,
        error: record.error.map(shown_error),
        operation: record.operation.map(|(id, kind, state)| OperationRef { id, kind, state }),
        created_at: record.created_at,
        updated_at: record.updated_at,
        deleted_at: record.deleted_at,
    }
}

/// What an accepted wish is answered with: the tenant as it was left, and the place of the operation that was opened.
fn accepted(state: &AppState, before: Option<TenantRecord>, after: TenantRecord) -> Result<Effect, Refusal> {
    let (id, operation) = (after.id, after.operation);
    let effect = changed(state, StatusCode::ACCEPTED, before, after)?;
    let place = operation.map(|(operation, _, _)| format!("/api/gateway/operations/{operation}"));
    Ok(effect.at(place).awaiting(Awaited::Tenant(id)))
}

/// A tenant that was changed, as it is now.
fn changed(
    state: &AppState,
    status: StatusCode,
    before: Option<TenantRecord>,
    after: TenantRecord,
) -> Result<Effect, Refusal> {
    let (id, version) = (after.id, after.version);
    let before = before.map(|before| shown(before, &state.settings));
    let after = shown(after, &state.settings);
    let effect = Effect::new(status, format!("tenant:{id}"), &after)?;
    Ok(effect.changing(before.as_ref(), Some(&after))?.versioned(version))
}

/// Wishes something of a tenant.
async fn wish(
    state: &AppState,
    caller: &Caller,
    which: &TenantRef,
    mut call: Call,
    wish: Wish,
) -> Result<Response, Early> {
    let mut change = call.begin(state, caller).await?;
    let wished = change.wish(which, wish).await.map_err(|error| match (wish, error) {
        (Wish::Delete { .. }, StoreError::Unfit { from: Status::Active, .. }) => {
            let detail = "the tenant is active; suspend it first, or delete it with force=true";
            Refusal::new(StatusCode::CONFLICT, "tenant_active", "Tenant is active", detail)
        }
        (_, error) => error.into(),
    });
    let (before, after) = wished?.ok_or_else(Refusal::no_such_tenant)?;
    let is_there = matches!(wish, Wish::Move(_)) && before.version == after.version;
    let effect = if is_there {
        changed(state, StatusCode::OK, Some(before), after)?
    } else {
        accepted(state, Some(before), after)?
    };
    call.finish(state, caller, change, effect).await
}

/// Has the worker leave a tenant alone, or no longer.
async fn pause(
    state: &AppState,
    caller: &Caller,
    which: &TenantRef,
    mut call: Call,
    paused: bool,
) -> Result<Response, Early> {
    let mut change = call.begin(state, caller).await?;
    let (before, after) = change.wish(which, Wish::Pause(paused)).await?.ok_or_else(Refusal::no_such_tenant)?;
    let effect = changed(state, StatusCode::OK, Some(before), after)?;
    call.finish(state, caller, change, effect).await
}

/// The tenant and its version, once its latest operation has ended; `None` before.
pub(super) async fn ended(state: &AppState, id: TenantId) -> Result<Option<(Value, Option<Version>)>, Refusal> {
    let record = state.store.tenant(&TenantRef::Id(id)).await?.ok_or_else(Refusal::no_such_tenant)?;
    if record.operation.is_some_and(|(_, _, state)| state.is_open()) {
        return Ok(None);
    }
    let version = record.version;
    let tenant = serde_json::to_value(shown(record, &state.settings));
    Ok(Some((tenant.map_err(|error| Refusal::internal().because(&error))?, Some(version))))
}
