//! `GET /api/gateway/jobs/{id}`

use axum::Json;
use axum::extract::{Path, State};
use uuid::Uuid;

use crate::api::AppState;
use crate::api::auth::{FleetRead, Permit};
use crate::api::extract::NoQuery;
use crate::api::jobs::shown;
use crate::api::problem::Refusal;
use crate::api::types::{Job, Problem};
use crate::domain::ids::JobId;
use crate::store::jobs::JobFilter;

/// Get a job
///
/// With its result, once it succeeded.
#[utoipa::path(
    get,
    path = "/api/gateway/jobs/{id}",
    operation_id = "get_job",
    tag = "fleet",
    security(("api_key" = ["fleet:read"]), ("session" = ["fleet:read"])),
    params(("id" = Uuid, Path, description = "Id of the job")),
    responses(
        (status = 200, description = "The job", body = Job),
        (status = 404, description = "No such job", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn get_job(
    State(state): State<AppState>,
    _permit: Permit<FleetRead>,
    _query: NoQuery,
    Path(id): Path<String>,
) -> Result<Json<Job>, Refusal> {
    let id = Uuid::try_parse(&id).map(JobId::from_uuid).map_err(|_| Refusal::no_such_job())?;
    let found = state.store.list_jobs(&JobFilter { id: Some(id), after: None, limit: 1 }).await?;
    let record = found.into_iter().next().ok_or_else(Refusal::no_such_job)?;
    Ok(Json(shown(record, true)))
}
