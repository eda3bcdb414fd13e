//! `POST /api/gateway/tenants/{id_or_key}/first-user/take`

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use secrecy::ExposeSecret;
use serde_json::Value;

use crate::api::AppState;
use crate::api::auth::{CredentialsReveal, Permit};
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::TenantPath;
use crate::api::problem::Refusal;
use crate::api::signup::create::payload_place;
use crate::api::types::{FirstUser, Problem};
use crate::store::signup_moves::HandedOver;

fn opened(state: &AppState, taken: HandedOver) -> Result<FirstUser, Refusal> {
    let payload = match &taken.first_user {
        Some(sealed) => {
            let text = state.settings.key_ring.open(&payload_place(taken.signup), sealed);
            let text = text.map_err(|error| Refusal::internal().because(&error))?;
            let fields: BTreeMap<String, Value> =
                serde_json::from_str(text.expose_secret()).map_err(|error| Refusal::internal().because(&error))?;
            Some(fields)
        }
        None => None,
    };
    Ok(FirstUser {
        email: taken.email,
        email_proved: taken.proved,
        contact_name: taken.contact_name,
        contact_phone: taken.contact_phone,
        first_user: payload,
    })
}

/// Take what a tenant's signup left for its app
///
/// Once: it is erased with the answer. With an idempotency-key the answer can be had again for a day. A dry run says that
/// there is something, and not what.
#[utoipa::path(
    post,
    path = "/api/gateway/tenants/{id_or_key}/first-user/take",
    operation_id = "take_first_user",
    tag = "tenants",
    security(("api_key" = ["credentials:reveal"]), ("session" = ["credentials:reveal"])),
    params(("id_or_key" = String, Path, description = "Id or key of the tenant")),
    responses(
        (status = 200, description = "What was left", body = FirstUser, headers(("cache-control" = String, description = "no-store"))),
        (status = 404, description = "No such tenant; or nothing was left, or it was taken (first_user_not_found)", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn take_first_user(
    State(state): State<AppState>,
    permit: Permit<CredentialsReveal>,
    TenantPath(which): TenantPath,
    mut call: Call,
) -> Result<Response, Early> {
    call.without_body()?;
    let caller = &permit.caller;
    let tenant = state.store.tenant_within(&which, caller.reach()).await?.ok_or_else(Refusal::no_such_tenant)?;
    let mut change = call.begin(&state, caller).await?;
    change.require_version(tenant.version)?;
    let taken = change.take_first_user(tenant.id).await?.ok_or_else(|| {
        let detail = "no signup left anything for this tenant's app, or it was taken before";
        Refusal::new(StatusCode::NOT_FOUND, "first_user_not_found", "Nothing left", detail)
    })?;
    // A dry run erases nothing and leaves no entry in the audit log, so it hands nothing over.
    let given = if call.is_dry_run() { FirstUser::default() } else { opened(&state, taken)? };
    let effect = Effect::new(StatusCode::OK, format!("tenant:{}", tenant.id), &given)?;
    call.finish(&state, caller, change, effect).await
}
