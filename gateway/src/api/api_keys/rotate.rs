//! `POST /api/gateway/api-keys/{id}/rotate`

use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use secrecy::ExposeSecret;

use crate::api::AppState;
use crate::api::api_keys::{key_id, no_such_key, shown, within};
use crate::api::auth::api_key::principal_of;
use crate::api::auth::{KeysWrite, Permit, api_key};
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::Fields;
use crate::api::problem::Refusal;
use crate::api::types::{NewApiKey, Problem, RotateApiKey};

/// How long the former secret works when nothing is said: a day.
const OVERLAP: f64 = 86_400.0;
/// And at most: 30 days.
const MAX_OVERLAP: f64 = 2_592_000.0;

fn read(mut fields: Fields) -> Result<Duration, Refusal> {
    let overlap = fields.number("overlap_seconds").unwrap_or(OVERLAP);
    if !(0.0..=MAX_OVERLAP).contains(&overlap) {
        fields.refuse("overlap_seconds", "range", format!("must be from 0 to {MAX_OVERLAP} seconds"));
    }
    fields.finish()?;
    Ok(Duration::from_secs_f64(overlap))
}

/// Exchange the secret of an API key
///
/// The answer holds the new key, this once. The former one works on for a time, so that programs can be told one by one.
#[utoipa::path(
    post,
    path = "/api/gateway/api-keys/{id}/rotate",
    operation_id = "rotate_api_key",
    tag = "access",
    security(("api_key" = ["keys:write"]), ("session" = ["keys:write"])),
    params(("id" = String, Path, description = "Id of the key")),
    request_body(content = Option<RotateApiKey>),
    responses(
        (status = 200, description = "Exchanged", body = NewApiKey),
        (status = 404, description = "No such key, or it no longer works", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn rotate_api_key(
    State(state): State<AppState>,
    permit: Permit<KeysWrite>,
    Path(id): Path<String>,
    mut call: Call,
) -> Result<Response, Early> {
    let overlap = read(std::mem::take(&mut call.body))?;
    let id = key_id(&id)?;
    let caller = &permit.caller;
    // Whoever gets a key's secret may do what the key may, for as long.
    let known = within(&state, caller, id).await?;
    if !caller.may_until(known.expires_at) {
        return Err(Refusal::beyond_caller("this key lasts longer than that of the caller").into());
    }
    let mut change = call.begin(&state, caller).await?;
    let made = api_key::make_for(id.to_owned());
    let (before, after) = change.rotate_api_key(id, &made.hash, overlap).await?.ok_or_else(no_such_key)?;
    let (before, after) = (shown(before), shown(after));
    let answer = NewApiKey { key: made.key.expose_secret().to_owned(), api_key: after.clone() };
    let effect = Effect::new(StatusCode::OK, format!("api_key:{id}"), &answer)?;
    let effect = effect.changing(Some(&before), Some(&after))?;
    let answer = call.finish(&state, caller, change, effect).await;
    state.key_checks().forget(&principal_of(id));
    answer
}
