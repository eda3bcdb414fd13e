//! `POST /api/gateway/api-keys`

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::api::AppState;
use crate::api::api_keys::shown;
use crate::api::auth::{Caller, EVERYTHING, KeysWrite, Permit, Scope, api_key};
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::Fields;
use crate::api::problem::Refusal;
use crate::api::types::{ApiKey, CreateApiKey, FieldError, NewApiKey, Problem};
use crate::domain::reach::Reach;
use crate::store::{StoreError, api_keys};

const MAX_NAME: usize = 100;
const MAX_TENANTS: usize = 1_000;
const MAX_POOLS: usize = 100;

struct Asked {
    name: String,
    scopes: Vec<String>,
    reach: Reach,
    expires_at: Option<Timestamp>,
}

fn read_ids(fields: &mut Fields, name: &str, most: usize) -> Option<Vec<Uuid>> {
    let given = fields.texts(name, most)?;
    let mut ids = Vec::with_capacity(given.len());
    for (place, text) in given.iter().enumerate() {
        match Uuid::try_parse(text) {
            Ok(id) if ids.contains(&id) => fields.refuse_at(name, Some(place), "twice", "is given twice"),
            Ok(id) => ids.push(id),
            Err(_) => fields.refuse_at(name, Some(place), "uuid", "must be a UUID"),
        }
    }
    Some(ids)
}

/// Reads what is asked for: no more than what the caller may do, so that no key raises anybody's rights. The caller sees all
/// tenants, as this scope demands.
fn read(mut fields: Fields, caller: &Caller, now: Timestamp) -> Result<Asked, Refusal> {
    let name = fields.required_text("name").map(|name| name.trim().to_owned());
    if let Some(name) = &name {
        if name.is_empty() || name.chars().count() > MAX_NAME {
            fields.refuse("name", "length", format!("must have 1 to {MAX_NAME} characters"));
        }
        if name.chars().any(char::is_control) {
            fields.refuse("name", "character", "must not hold control characters");
        }
    }
    if !fields.is_given("scopes") {
        fields.refuse("scopes", "required", "is required");
    }
    let scopes = fields.texts("scopes", Scope::ALL.len()).unwrap_or_default();
    for (place, word) in scopes.iter().enumerate() {
        if word != EVERYTHING && !Scope::ALL.iter().any(|scope| scope.as_str() == word) {
            fields.refuse_at("scopes", Some(place), "unknown_value", "is no scope");
        } else if !caller.may_word(word) {
            fields.refuse_at("scopes", Some(place), "beyond_caller", "is more than the caller may do");
        } else if scopes.iter().take(place).any(|before| before == word) {
            fields.refuse_at("scopes", Some(place), "twice", "is given twice");
        }
    }
    let tenants = read_ids(&mut fields, "tenants", MAX_TENANTS);
    let pools = read_ids(&mut fields, "pools", MAX_POOLS);
    let reach = Reach::new(tenants, pools);
    let expires_at = fields.text("expires_at").and_then(|text| {
        let at = text.parse::<Timestamp>();
        let at = at
            .inspect_err(|_| fields.refuse("expires_at", "time", "must be a time such as 2030-01-31T12:00:00Z"))
            .ok()?;
        if at <= now {
            fields.refuse("expires_at", "past", "must be in the future");
        }
        Some(at)
    });
    if !caller.may_until(expires_at) {
        fields.refuse("expires_at", "beyond_caller", "must be given, and not be after the end of the caller's own key");
    }
    fields.finish()?;
    Ok(Asked { name: name.unwrap_or_default(), scopes, reach, expires_at })
}

/// Make an API key
///
/// The answer holds the key, this once. It may do no more than the caller.
#[utoipa::path(
    post,
    path = "/api/gateway/api-keys",
    operation_id = "create_api_key",
    tag = "access",
    security(("api_key" = ["keys:write"]), ("session" = ["keys:write"])),
    request_body = CreateApiKey,
    responses(
        (status = 201, description = "Made", body = NewApiKey, headers(("location" = String, description = "What is known of it"))),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn create_api_key(
    State(state): State<AppState>,
    permit: Permit<KeysWrite>,
    mut call: Call,
) -> Result<Response, Early> {
    let asked = read(std::mem::take(&mut call.body), &permit.caller, Timestamp::now())?;
    let mut change = call.begin(&state, &permit.caller).await?;
    let made = api_key::make();
    let new = api_keys::NewApiKey {
        id: &made.id,
        name: &asked.name,
        hash: &made.hash,
        scopes: &asked.scopes,
        reach: &asked.reach,
        expires_at: asked.expires_at,
    };
    let key = change.create_api_key(&new).await.map_err(|error| match error {
        StoreError::NoSuchPool => {
            let message = "names a shared pool that is not there".into();
            Refusal::validation(vec![FieldError { pointer: "/pools".into(), code: "no_such_pool".into(), message }])
        }
        error => error.into(),
    })?;
    let key = shown(key);
    let place = format!("/api/gateway/api-keys/{}", key.id);
    let answer = NewApiKey { key: made.key.expose_secret().to_owned(), api_key: key.clone() };
    let effect = Effect::new(StatusCode::CREATED, format!("api_key:{}", key.id), &answer)?;
    let effect = effect.changing(None::<&ApiKey>, Some(&key))?.at(Some(place));
    call.finish(&state, &permit.caller, change, effect).await
}
