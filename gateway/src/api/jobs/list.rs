//! `GET /api/gateway/jobs`

use axum::Json;
use axum::extract::State;

use crate::api::AppState;
use crate::api::auth::{FleetRead, Permit};
use crate::api::extract::QueryFields;
use crate::api::jobs::shown;
use crate::api::page::Page;
use crate::api::problem::Refusal;
use crate::api::types::{JobList, Problem};
use crate::store::jobs::JobFilter;

/// List jobs
///
/// Newest first, without their results.
#[utoipa::path(
    get,
    path = "/api/gateway/jobs",
    operation_id = "list_jobs",
    tag = "fleet",
    security(("api_key" = ["fleet:read"]), ("session" = ["fleet:read"])),
    params(
        ("limit" = inline(Option<i32>), Query, description = "Items at most; 50 when left out", nullable = false, minimum = 1, maximum = 200),
        ("cursor" = inline(Option<String>), Query, description = "next_cursor of the page before", nullable = false),
    ),
    responses(
        (status = 200, description = "A page of jobs", body = JobList),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn list_jobs(
    State(state): State<AppState>,
    _permit: Permit<FleetRead>,
    QueryFields(mut fields): QueryFields,
) -> Result<Json<JobList>, Refusal> {
    let page = Page::read(&mut fields);
    fields.finish()?;
    let filter = JobFilter { id: None, after: page.after, limit: page.ask() };
    let mut records = state.store.list_jobs(&filter).await?;
    let next_cursor = page.cut(&mut records, |record| (record.created_at, record.id.as_uuid()));
    Ok(Json(JobList { items: records.into_iter().map(|record| shown(record, false)).collect(), next_cursor }))
}
