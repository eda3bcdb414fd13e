//! `POST /api/gateway/me/views`

use axum::extract::State;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::Person;
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::Fields;
use crate::api::problem::Refusal;
use crate::api::types::{CreateView, Problem, SavedView};
use crate::api::views::{check_name, check_query, read_columns, shown};
use crate::store::views::ViewFields;

fn read(mut fields: Fields) -> Result<ViewFields, Refusal> {
    let name = fields.required_text("name");
    let name = check_name(&mut fields, name);
    let query = fields.required_text("query");
    let query = check_query(&mut fields, query);
    let (shared, columns) = (fields.flag("shared"), read_columns(&mut fields));
    fields.finish()?;
    Ok(ViewFields { name, shared, query, columns })
}

/// Keep a view of the list of tenants
///
/// One person keeps up to 100.
#[utoipa::path(
    post,
    path = "/api/gateway/me/views",
    operation_id = "create_view",
    tag = "session",
    security(("session" = [])),
    request_body = CreateView,
    responses(
        (status = 201, description = "The view", body = SavedView),
        (status = 409, description = "Another of one's own has this name, or there are too many", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn create_view(
    State(state): State<AppState>,
    person: Person,
    mut call: Call,
) -> Result<Response, Early> {
    let wanted = read(std::mem::take(&mut call.body))?;
    let user = person.user.id;
    let mut change = call.begin(&state, &person.caller).await?;
    let view = shown(change.create_view(user, &wanted).await?, user);
    let effect = Effect::made(format!("view:{}", view.id), &view)?;
    call.finish(&state, &person.caller, change, effect).await
}
