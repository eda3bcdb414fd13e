//! `PATCH /api/gateway/database-servers/{id_or_name}`

use axum::extract::{Path, State};
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{FleetWrite, Permit};
use crate::api::call::{Call, Early};
use crate::api::extract::Fields;
use crate::api::problem::Refusal;
use crate::api::servers::{change, read_address, read_capacity, read_overcommit, read_region, read_state, read_weight};
use crate::api::types::{DatabaseServer, EditDatabaseServer, Problem};
use crate::store::servers::ServerEdit;

fn read(mut fields: Fields) -> Result<ServerEdit, Refusal> {
    for name in ["address", "state", "weight"] {
        if fields.is_null(name) {
            fields.refuse(name, "required", "cannot be removed");
        }
    }
    let address = fields.text("address");
    let is_region = fields.is_given("region");
    let edit = ServerEdit {
        address: read_address(&mut fields, address),
        state: read_state(&mut fields),
        capacity: fields.patch("capacity", read_capacity),
        weight: read_weight(&mut fields),
        overcommit: fields.patch("overcommit", read_overcommit),
        region: Some(read_region(&mut fields)).filter(|_| is_region),
    };
    fields.finish()?;
    Ok(edit)
}

/// Change a database server
///
/// As a JSON merge patch: what is left out stays. Its address changes only while no tenant is on it, as their apps were told
/// the present one; that of the server of the settings is tenant_database_address.
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
        (status = 409, description = "Another address while tenants are on it, or of the server of the settings", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "It has changed since the version in if-match", body = Problem, content_type = "application/problem+json"),
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
