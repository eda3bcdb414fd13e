//! `POST /api/gateway/signups/{id}/approve`

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{Permit, SignupsWrite};
use crate::api::call::{Call, Early};
use crate::api::letter::Letter;
use crate::api::problem::Refusal;
use crate::api::signup::terms;
use crate::api::signups::{decided, signup_id};
use crate::api::types::{Problem, Signup};
use crate::domain::email::Email;
use crate::domain::host::Host;
use crate::domain::key::TenantKey;
use crate::store::signups::SignupRecord;

/// The letter that tells of the approval; `None` where there is nobody to write to.
fn letter(state: &AppState, record: &SignupRecord) -> Option<Letter> {
    state.settings.mail.as_ref()?;
    let to = Email::parse(record.email.as_deref()?).ok()?;
    let host = Host::of_tenant(&TenantKey::parse(&record.key).ok()?, &state.settings.tenants.host_suffix);
    let text = format!(
        "The workspace {} was approved and is being prepared.\n\nIt will answer at {host} in a moment.\n",
        record.key
    );
    Some(Letter { to, subject: "Your workspace was approved".to_owned(), text })
}

/// Approve a signup
///
/// Makes its tenant, and writes to its address where there is mail.
#[utoipa::path(
    post,
    path = "/api/gateway/signups/{id}/approve",
    operation_id = "approve_signup",
    tag = "signup",
    security(("api_key" = ["signups:write"]), ("session" = ["signups:write"])),
    params(("id" = uuid::Uuid, Path, description = "Id of the signup")),
    responses(
        (status = 202, description = "Approved; its tenant is being made", body = Signup, headers(("location" = String, description = "The tenant"))),
        (status = 404, description = "No such signup", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It does not wait for approval, or its key was taken meanwhile", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn approve_signup(
    State(state): State<AppState>,
    permit: Permit<SignupsWrite>,
    Path(id): Path<String>,
    mut call: Call,
) -> Result<Response, Early> {
    call.without_body()?;
    let id = signup_id(&id)?;
    let mut change = call.begin(&state, &permit.caller).await?;
    let approved = change.approve_signup(id, &terms(&state.settings)).await?;
    let (before, after) = approved.ok_or_else(Refusal::no_such_signup)?;
    if let Some(letter) = letter(&state, &after) {
        letter.queue(&state, &mut change).await?;
    }
    let place = after.tenant.as_ref().map(|tenant| format!("/api/gateway/tenants/{}", tenant.id));
    let effect = decided(StatusCode::ACCEPTED, &before, &after)?.at(place);
    call.finish(&state, &permit.caller, change, effect).await
}
