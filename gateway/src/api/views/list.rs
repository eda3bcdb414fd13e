//! `GET /api/gateway/me/views`

use axum::Json;
use axum::extract::State;

use crate::api::AppState;
use crate::api::auth::Person;
use crate::api::extract::QueryFields;
use crate::api::page::Page;
use crate::api::problem::Refusal;
use crate::api::types::{Problem, SavedViewList};
use crate::api::views::shown;
use crate::store::views::ViewFilter;

/// List views of the list of tenants
///
/// One's own and those that others share, newest first. Needs no scope, but a person.
#[utoipa::path(
    get,
    path = "/api/gateway/me/views",
    operation_id = "list_views",
    tag = "session",
    security(("session" = [])),
    params(
        ("limit" = inline(Option<i32>), Query, description = "Items at most; 50 when left out", nullable = false, minimum = 1, maximum = 200),
        ("cursor" = inline(Option<String>), Query, description = "next_cursor of the page before", nullable = false),
    ),
    responses(
        (status = 200, description = "A page of views", body = SavedViewList),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn list_views(
    State(state): State<AppState>,
    person: Person,
    QueryFields(mut fields): QueryFields,
) -> Result<Json<SavedViewList>, Refusal> {
    let page = Page::read(&mut fields);
    fields.finish()?;
    let user = person.user.id;
    let filter = ViewFilter { user, id: None, after: page.after, limit: page.ask() };
    let mut records = state.store.list_views(&filter).await?;
    let next_cursor = page.cut(&mut records, |record| (record.created_at, record.id.as_uuid()));
    Ok(Json(SavedViewList { items: records.into_iter().map(|record| shown(record, user)).collect(), next_cursor }))
}
