//! `DELETE /api/gateway/me/views/{id}`

use axum::extract::{Path, State};
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::Person;
use crate::api::call::{Call, Early, Effect};
use crate::api::types::{Problem, SavedView};
use crate::api::views::{no_such_view, shown, view_id};

/// Remove a view of one's own
#[utoipa::path(
    delete,
    path = "/api/gateway/me/views/{id}",
    operation_id = "delete_view",
    tag = "session",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "Id of the view")),
    responses(
        (status = 200, description = "The view as it was", body = SavedView),
        (status = 404, description = "No such view of one's own", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn delete_view(
    State(state): State<AppState>,
    person: Person,
    Path(id): Path<String>,
    mut call: Call,
) -> Result<Response, Early> {
    call.without_body()?;
    let (id, user) = (view_id(&id)?, person.user.id);
    let mut change = call.begin(&state, &person.caller).await?;
    let view = shown(change.delete_view(user, id).await?.ok_or_else(no_such_view)?, user);
    let effect = Effect::removed(format!("view:{id}"), &view)?;
    call.finish(&state, &person.caller, change, effect).await
}
