//! `POST /api/gateway/signups/{id}/refuse`

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{Permit, SignupsWrite};
use crate::api::call::{Call, Early};
use crate::api::extract::Fields;
use crate::api::problem::Refusal;
use crate::api::signups::{decided, signup_id};
use crate::api::types::{Problem, RefuseSignup, Signup};

/// Longest reason, in characters.
const MAX_REASON: usize = 500;

fn read(mut fields: Fields) -> Result<Option<String>, Refusal> {
    let reason = fields.text("reason").filter(|reason| !reason.is_empty());
    if reason.as_ref().is_some_and(|reason| reason.chars().count() > MAX_REASON) {
        fields.refuse("reason", "length", format!("may have {MAX_REASON} characters at most"));
    }
    if reason.as_ref().is_some_and(|reason| reason.contains('\0')) {
        fields.refuse("reason", "character", "must not hold the character NUL");
    }
    fields.finish()?;
    Ok(reason)
}

/// Refuse a signup
///
/// Also one that still waits for its proof. What it left for the tenant's app is erased, and its key is free again.
#[utoipa::path(
    post,
    path = "/api/gateway/signups/{id}/refuse",
    operation_id = "refuse_signup",
    tag = "signup",
    security(("api_key" = ["signups:write"]), ("session" = ["signups:write"])),
    params(("id" = uuid::Uuid, Path, description = "Id of the signup")),
    request_body(content = Option<RefuseSignup>),
    responses(
        (status = 200, description = "Refused", body = Signup),
        (status = 404, description = "No such signup", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "It waits for no decision", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn refuse_signup(
    State(state): State<AppState>,
    permit: Permit<SignupsWrite>,
    Path(id): Path<String>,
    mut call: Call,
) -> Result<Response, Early> {
    let reason = read(std::mem::take(&mut call.body))?;
    let id = signup_id(&id)?;
    let mut change = call.begin(&state, &permit.caller).await?;
    let (before, after) = change.refuse_signup(id, reason.as_deref()).await?.ok_or_else(Refusal::no_such_signup)?;
    let effect = decided(StatusCode::OK, &before, &after)?;
    call.finish(&state, &permit.caller, change, effect).await
}
