//! `GET /api/gateway/public/signup/key`

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;

use crate::api::AppState;
use crate::api::auth::peer::Peer;
use crate::api::extract::{Fields, QueryFields};
use crate::api::problem::Refusal;
use crate::api::signup::create::{read_company, read_keys};
use crate::api::signup::open_to_strangers;
use crate::api::types::{KeyAnswer, Problem};
use crate::config::SignupSettings;
use crate::domain::key::TenantKey;

/// Where the request comes from.
pub(in crate::api) struct From(Peer);

impl FromRequestParts<AppState> for From {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Refusal> {
        Ok(Self(Peer::of(parts, &state.settings.http.trusted_proxies)))
    }
}

/// The keys to look at, and the one that was asked about.
fn read(mut fields: Fields, settings: &SignupSettings) -> Result<(Vec<TenantKey>, Option<String>), Refusal> {
    let asked = fields.is_given("key");
    if asked == fields.is_given("company_name") {
        fields.refuse("key", "required", "or company_name is required, and not both");
    }
    let text = fields.text("company_name");
    let company_name = read_company(&mut fields, text, settings);
    let given = fields.text("key");
    let keys = read_keys(&mut fields, given.clone(), company_name.as_ref(), settings);
    fields.finish()?;
    Ok((keys, given))
}

/// Find a key
///
/// With company_name: one that suits the name and is free. With key: whether a signup could have it now. A key that is
/// taken, kept for the operator, or looks like such a one is answered alike.
#[utoipa::path(
    get,
    path = "/api/gateway/public/signup/key",
    operation_id = "find_signup_key",
    tag = "signup",
    security(()),
    params(
        ("company_name" = inline(Option<String>), Query, description = "Find a key that suits this name", nullable = false, min_length = 1, max_length = 200),
        ("key" = inline(Option<String>), Query, description = "Look whether this key can be had", nullable = false, min_length = 2, max_length = 40, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$"),
    ),
    responses(
        (status = 200, description = "The key", body = KeyAnswer),
        (status = 404, description = "Nobody can sign up here", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many looks; see retry-after", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Looks cannot be counted now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn find_signup_key(
    State(state): State<AppState>,
    From(peer): From,
    QueryFields(fields): QueryFields,
) -> Result<Json<KeyAnswer>, Refusal> {
    let settings = open_to_strangers(&state)?;
    let (keys, asked) = read(fields, settings)?;
    state.signup_limiter().look(peer.address).await?;
    let free = state.store.first_free_key(&keys).await?;
    match (asked, free) {
        (Some(key), free) => Ok(Json(KeyAnswer { key, available: free.is_some() })),
        (None, Some(key)) => Ok(Json(KeyAnswer { key: key.to_string(), available: true })),
        (None, None) => Err(Refusal::internal()),
    }
}
