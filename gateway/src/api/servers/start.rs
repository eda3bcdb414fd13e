//! `POST /api/gateway/database-servers/{id_or_name}/start`

use axum::extract::{Path, State};
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{FleetWrite, Permit};
use crate::api::call::{Call, Early};
use crate::api::servers::change;
use crate::api::types::{DatabaseServer, Problem};
use crate::domain::server::ServerState;
use crate::store::servers::ServerEdit;

/// Start a database server
///
/// New tenants are placed on it again: the end of draining, or of being offline.
#[utoipa::path(
    post,
    path = "/api/gateway/database-servers/{id_or_name}/start",
    operation_id = "start_database_server",
    tag = "fleet",
    security(("api_key" = ["fleet:write"]), ("session" = ["fleet:write"])),
    params(("id_or_name" = String, Path, description = "Id or name of the server")),
    responses(
        (status = 200, description = "The server as it is now", body = DatabaseServer),
        (status = 404, description = "No such server", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It has changed since the version in if-match", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn start_database_server(
    State(state): State<AppState>,
    permit: Permit<FleetWrite>,
    Path(which): Path<String>,
    mut call: Call,
) -> Result<Response, Early> {
    call.without_body()?;
    let edit = ServerEdit { state: Some(ServerState::Active), ..ServerEdit::default() };
    change(&state, &permit.caller, &which, call, &edit).await
}
