//! `GET /api/gateway/database-servers/{id_or_name}`

use axum::Json;
use axum::extract::{Path, State};
use axum::http::header::ETAG;
use axum::response::{IntoResponse, Response};

use crate::api::AppState;
use crate::api::auth::{FleetRead, Permit};
use crate::api::call::etag;
use crate::api::problem::Refusal;
use crate::api::servers::{no_such_server, server_ref, shown};
use crate::api::types::{DatabaseServer, Problem};

/// Get a database server
#[utoipa::path(
    get,
    path = "/api/gateway/database-servers/{id_or_name}",
    operation_id = "get_database_server",
    tag = "fleet",
    security(("api_key" = ["fleet:read"]), ("session" = ["fleet:read"])),
    params(("id_or_name" = String, Path, description = "Id or name of the server")),
    responses(
        (status = 200, description = "The server", body = DatabaseServer, headers(("etag" = String, description = "For if-match"))),
        (status = 404, description = "No such server", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn get_database_server(
    State(state): State<AppState>,
    _permit: Permit<FleetRead>,
    Path(which): Path<String>,
) -> Result<Response, Refusal> {
    let record = state.store.server(&server_ref(&which)?).await?.ok_or_else(no_such_server)?;
    let tag = etag(record.version);
    Ok(([(ETAG, tag)], Json(shown(record))).into_response())
}
