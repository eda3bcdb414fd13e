//! `PATCH /api/gateway/database-servers/{id_or_name}`

use axum::extract::{Path, State};
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{FleetWrite, Permit};
use crate::api::call::{Call, Early};
use crate::api::extract::Fields;
use crate::api::problem::Refusal;
use crate::api::servers::change;
use crate::api::types::{DatabaseServer, EditDatabaseServer, Problem};
use crate::store::servers::ServerEdit;

/// Longest region, in characters.
const MAX_REGION: usize = 60;
/// Most tenants that can be asked for as a capacity.
const MAX_CAPACITY: i64 = 1_000_000;

fn read(mut fields: Fields) -> Result<ServerEdit, Refusal> {
    let is_region = fields.is_given("region");
    let region = fields.text("region").unwrap_or_default().trim().to_owned();
    if region.chars().count() > MAX_REGION {
        fields.refuse("region", "length", format!("may have {MAX_REGION} characters at most"));
    }
    if region.chars().any(char::is_control) {
        fields.refuse("region", "character", "must not hold control characters");
    }
    let is_capacity = fields.is_given("capacity");
    let capacity = fields.whole("capacity", 0..=MAX_CAPACITY).and_then(|value| i32::try_from(value).ok());
    fields.finish()?;
    Ok(ServerEdit { state: None, capacity: is_capacity.then_some(capacity), region: is_region.then_some(region) })
}

/// Change a database server
///
/// Its capacity and region, as a JSON merge patch: what is left out stays. Its address is a setting of the worker.
#[utoipa::path(
    patch,
    path = "/api/gateway/database-servers/{id_or_name}",
    operation_id = "edit_database_server",
    tag = "fleet",
    security(("api_key" = ["fleet:write"]), ("session" = ["fleet:write"])),
    params(("id_or_name" = String, Path, description = "Id or name of the server")),
    request_body(content((EditDatabaseServer = "application/merge-patch+json"), (EditDatabaseServer = "application/json"))),
    responses(
        (status = 200, description = "The server as it is now", body = DatabaseServer),
        (status = 404, description = "No such server", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn edit_database_server(
    State(state): State<AppState>,
    permit: Permit<FleetWrite>,
    Path(which): Path<String>,
    mut call: Call,
) -> Result<Response, Early> {
    let edit = read(std::mem::take(&mut call.body))?;
    change(&state, &permit.caller, &which, call, &edit).await
}
