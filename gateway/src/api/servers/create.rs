//! `POST /api/gateway/database-servers`

use axum::extract::State;
use axum::response::Response;

use crate::api::AppState;
use crate::api::auth::{FleetWrite, Permit};
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::{Fields, read_own_name};
use crate::api::problem::Refusal;
use crate::api::servers::{read_address, read_capacity, read_overcommit, read_region, read_state, read_weight, shown};
use crate::api::types::{CreateDatabaseServer, DatabaseServer, Problem};
use crate::domain::server::{ServerName, ServerState};
use crate::store::servers::NewServer;

/// A server's weight when nothing is asked for.
const DEFAULT_WEIGHT: i32 = 100;

fn read(mut fields: Fields) -> Result<NewServer, Refusal> {
    let name = read_own_name(&mut fields, ServerName::parse);
    let address = fields.required_text("address");
    let address = read_address(&mut fields, address);
    let state = read_state(&mut fields).unwrap_or(ServerState::Active);
    let capacity = read_capacity(&mut fields);
    let weight = read_weight(&mut fields).unwrap_or(DEFAULT_WEIGHT);
    let overcommit = read_overcommit(&mut fields);
    let region = read_region(&mut fields);
    fields.finish()?;
    let (name, address) = name.zip(address).ok_or_else(Refusal::internal)?;
    Ok(NewServer { name, address, state, capacity, weight, overcommit, region })
}

/// Make a database server known
///
/// Tenants are placed on it by the workers that hold the credential of its administrator under its name; until one reached it,
/// its problem is no_credential.
#[utoipa::path(
    post,
    path = "/api/gateway/database-servers",
    operation_id = "create_database_server",
    tag = "fleet",
    security(("api_key" = ["fleet:write"]), ("session" = ["fleet:write"])),
    request_body = CreateDatabaseServer,
    responses(
        (status = 201, description = "Made known", body = DatabaseServer, headers(("location" = String, description = "The server"))),
        (status = 409, description = "The name is taken, or that of the server of the settings", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn create_database_server(
    State(state): State<AppState>,
    permit: Permit<FleetWrite>,
    mut call: Call,
) -> Result<Response, Early> {
    let new = read(std::mem::take(&mut call.body))?;
    let mut change = call.begin(&state, &permit.caller).await?;
    let record = change.create_server(&new).await?;
    let version = record.version;
    let server = shown(record);
    let effect = Effect::made(format!("database_server:{}", server.id), &server)?.versioned(version);
    let place = format!("/api/gateway/database-servers/{}", server.id);
    call.finish(&state, &permit.caller, change, effect.at(Some(place))).await
}
