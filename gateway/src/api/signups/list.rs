//! `GET /api/gateway/signups`

use axum::Json;
use axum::extract::State;

use crate::api::AppState;
use crate::api::auth::{Permit, SignupsRead};
use crate::api::extract::QueryFields;
use crate::api::page::Page;
use crate::api::problem::Refusal;
use crate::api::signups::shown;
use crate::api::types::{Problem, SignupList};
use crate::domain::signup::SignupState;
use crate::store::signups::SignupFilter;

/// List signups
///
/// Newest first. Ended ones are kept for the time that the settings say.
#[utoipa::path(
    get,
    path = "/api/gateway/signups",
    operation_id = "list_signups",
    tag = "signup",
    security(("api_key" = ["signups:read"]), ("session" = ["signups:read"])),
    params(
        ("state" = inline(Option<String>), Query, description = "Only those in this state, such as waiting_approval", nullable = false),
        ("limit" = inline(Option<i32>), Query, description = "Items at most; 50 when left out", nullable = false, minimum = 1, maximum = 200),
        ("cursor" = inline(Option<String>), Query, description = "next_cursor of the page before", nullable = false),
    ),
    responses(
        (status = 200, description = "A page of signups", body = SignupList),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn list_signups(
    State(state): State<AppState>,
    _permit: Permit<SignupsRead>,
    QueryFields(mut fields): QueryFields,
) -> Result<Json<SignupList>, Refusal> {
    let wanted = fields.text("state").filter(|word| !word.is_empty()).and_then(|word| {
        let state = SignupState::parse(&word);
        if state.is_none() {
            let words: Vec<&str> = SignupState::ALL.iter().map(|state| state.as_str()).collect();
            fields.refuse("state", "unknown_value", format!("must be one of {}", words.join(", ")));
        }
        state
    });
    let page = Page::read(&mut fields);
    fields.finish()?;
    let filter = SignupFilter { state: wanted, after: page.after, limit: page.ask(), ..SignupFilter::default() };
    let mut records = state.store.list_signups(&filter).await?;
    let next_cursor = page.cut(&mut records, |record| (record.created_at, record.id.as_uuid()));
    Ok(Json(SignupList { items: records.into_iter().map(shown).collect(), next_cursor }))
}
