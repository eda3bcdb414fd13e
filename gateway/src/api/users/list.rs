//! `GET /api/gateway/users`

use axum::Json;
use axum::extract::State;

use crate::api::AppState;
use crate::api::auth::{Permit, UsersRead};
use crate::api::extract::{Fields, QueryFields};
use crate::api::page::Page;
use crate::api::problem::Refusal;
use crate::api::types::{Problem, Role, UserList, UserState};
use crate::api::users::shown;
use crate::store::users::UserFilter;

fn word<T: Copy>(fields: &mut Fields, name: &str, parse: impl Fn(&str) -> Option<T>) -> Option<T> {
    let text = fields.text(name)?;
    let found = parse(&text);
    if found.is_none() {
        fields.refuse(name, "unknown_value", "is none of the words it can be");
    }
    found
}

/// List people
///
/// By address.
#[utoipa::path(
    get,
    path = "/api/gateway/users",
    operation_id = "list_users",
    tag = "people",
    security(("api_key" = ["users:read"]), ("session" = ["users:read"])),
    params(
        ("role" = inline(Option<Role>), Query, description = "Only those with this role", nullable = false),
        ("state" = inline(Option<UserState>), Query, description = "Only those that are so far", nullable = false),
        ("limit" = inline(Option<i32>), Query, description = "Items at most; 50 when left out", nullable = false, minimum = 1, maximum = 200),
        ("cursor" = inline(Option<String>), Query, description = "next_cursor of the page before", nullable = false),
    ),
    responses(
        (status = 200, description = "A page of accounts", body = UserList),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn list_users(
    State(state): State<AppState>,
    _permit: Permit<UsersRead>,
    QueryFields(mut fields): QueryFields,
) -> Result<Json<UserList>, Refusal> {
    let role = word(&mut fields, "role", Role::parse);
    let so_far = word(&mut fields, "state", UserState::parse);
    let page: Page<String> = Page::read(&mut fields);
    fields.finish()?;
    let filter = UserFilter { which: None, role, state: so_far, after: page.after.clone(), limit: page.ask() };
    let mut records = state.store.list_users(&filter).await?;
    let next_cursor = page.cut(&mut records, |record| record.email.clone());
    Ok(Json(UserList { items: records.into_iter().map(shown).collect(), next_cursor }))
}
