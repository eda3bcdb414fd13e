//! `PATCH /api/gateway/me/views/{id}`

use axum::extract::{Path, State};
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::Person;
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::Fields;
use crate::api::problem::Refusal;
use crate::api::types::{EditView, Problem, SavedView};
use crate::api::views::{check_name, check_query, no_such_view, read_columns, shown, view_id};
use crate::store::views::ViewFields;

fn read(mut fields: Fields) -> Result<ViewFields, Refusal> {
    let mut text = |name: &str| if fields.is_given(name) { fields.required_text(name) } else { None };
    let (name, query) = (text("name"), text("query"));
    let name = check_name(&mut fields, name);
    let query = check_query(&mut fields, query);
    if fields.is_null("shared") {
        fields.refuse("shared", "type", "must be true or false");
    }
    let shared = fields.flag("shared");
    let columns = if fields.is_null("columns") {
        let _ = fields.texts("columns", 1);
        Some(Vec::new())
    } else {
        read_columns(&mut fields)
    };
    fields.finish()?;
    Ok(ViewFields { name, shared, query, columns })
}

/// Change a view of one's own
///
/// As a JSON merge patch: what is left out stays.
#[utoipa::path(
    patch,
    path = "/api/gateway/me/views/{id}",
    operation_id = "edit_view",
    tag = "session",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "Id of the view")),
    request_body(content((EditView = "application/merge-patch+json"), (EditView = "application/json"))),
    responses(
        (status = 200, description = "The view as it is now", body = SavedView),
        (status = 404, description = "No such view of one's own", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Another of one's own has this name", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn edit_view(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<String>,
    mut call: Call,
) -> Result<Response, Early> {
    let edit = read(std::mem::take(&mut call.body))?;
    let (id, user) = (view_id(&id)?, person.user.id);
    let mut change = call.begin(&state, &person.caller).await?;
    let (before, after) = change.edit_view(user, id, &edit).await?.ok_or_else(no_such_view)?;
    let (before, after) = (shown(before, user), shown(after, user));
    let effect = Effect::changed(format!("view:{id}"), &before, &after)?;
    call.finish(&state, &person.caller, change, effect).await
}
