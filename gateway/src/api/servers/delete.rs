//! `DELETE /api/gateway/database-servers/{id_or_name}`

use axum::extract::{Path, State};
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{FleetWrite, Permit};
use crate::api::call::{Call, Early, Effect};
use crate::api::servers::{no_such_server, server_ref, shown};
use crate::api::types::{DatabaseServer, Problem};

/// Remove a database server
///
/// Only one that no tenant is on, deleted ones whose data is kept for a while included. The server itself is left as it is.
#[utoipa::path(
    delete,
    path = "/api/gateway/database-servers/{id_or_name}",
    operation_id = "delete_database_server",
    tag = "fleet",
    security(("api_key" = ["fleet:write"]), ("session" = ["fleet:write"])),
    params(("id_or_name" = String, Path, description = "Id or name of the server")),
    responses(
        (status = 200, description = "Removed; the server as it was", body = DatabaseServer),
        (status = 404, description = "No such server", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "Tenants are on it, or the settings say where it is", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It has changed since the version in if-match", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn delete_database_server(
    State(state): State<AppState>,
    permit: Permit<FleetWrite>,
    Path(which): Path<String>,
    mut call: Call,
) -> Result<Response, Early> {
    call.without_body()?;
    let which = server_ref(&which)?;
    let mut change = call.begin(&state, &permit.caller).await?;
    let before = shown(change.delete_server(&which).await?.ok_or_else(no_such_server)?);
    let effect = Effect::removed(format!("database_server:{}", before.id), &before)?;
    call.finish(&state, &permit.caller, change, effect).await
}
