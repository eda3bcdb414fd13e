//! `/api/gateway/tenants`: one file per verb.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod get;
pub(super) mod list;
pub(super) mod pause;
pub(super) mod reactivate;
pub(super) mod relocate;
pub(super) mod resume;
pub(super) mod retry;
pub(super) mod reveal;
pub(super) mod rotate;
pub(super) mod suspend;
pub(super) mod undelete;

use axum::Json;
use axum::http::header::LOCATION;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::api::AppState;
use crate::api::problem::Refusal;
use crate::api::types::{OperationRef, Tenant, TenantError};
use crate::config::Settings;
use crate::store::tenants::{RecordedError, TenantRecord};

/// What is shown of a recorded error.
pub(super) fn shown_error(error: RecordedError) -> TenantError {
    TenantError { step: error.step, code: error.code, message: error.message }
}

/// Where people reach a host: scheme and port are those of Traefik's entry point, where it is known.
fn url_of(host: &str, settings: &Settings) -> String {
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
        tier: record.tier,
        status: record.status,
        paused: record.paused,
        url: record.host.as_deref().map(|host| url_of(host, settings)),
        host: record.host,
        pool_id: record.pool_id,
        database: record.database,
        server: record.server,
        subnet: record.subnet.map(|net| net.to_string()),
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

/// 202 with the tenant as the wish left it, and the place of the operation that the wish opened.
fn accepted(state: &AppState, record: Option<TenantRecord>) -> Result<Response, Refusal> {
    let tenant = shown(record.ok_or_else(Refusal::no_such_tenant)?, &state.settings);
    let place = tenant.operation.as_ref().map(|operation| format!("/api/gateway/operations/{}", operation.id));
    let mut response = (StatusCode::ACCEPTED, Json(tenant)).into_response();
    if let Some(value) = place.and_then(|place| HeaderValue::try_from(place).ok()) {
        response.headers_mut().insert(LOCATION, value);
    }
    Ok(response)
}
