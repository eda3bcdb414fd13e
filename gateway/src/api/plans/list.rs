//! `GET /api/gateway/plans`

use axum::Json;
use axum::extract::State;

use crate::api::AppState;
use crate::api::auth::{FleetRead, Permit};
use crate::api::extract::QueryFields;
use crate::api::page::Page;
use crate::api::plans::shown;
use crate::api::problem::Refusal;
use crate::api::types::{PlanList, Problem};

/// List plans
///
/// By name.
#[utoipa::path(
    get,
    path = "/api/gateway/plans",
    operation_id = "list_plans",
    tag = "fleet",
    security(("api_key" = ["fleet:read"]), ("session" = ["fleet:read"])),
    params(
        ("limit" = inline(Option<i32>), Query, description = "Items at most; 50 when left out", nullable = false, minimum = 1, maximum = 200),
        ("cursor" = inline(Option<String>), Query, description = "next_cursor of the page before", nullable = false),
    ),
    responses(
        (status = 200, description = "A page of plans", body = PlanList),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn list_plans(
    State(state): State<AppState>,
    _permit: Permit<FleetRead>,
    QueryFields(mut fields): QueryFields,
) -> Result<Json<PlanList>, Refusal> {
    let page: Page<String> = Page::read(&mut fields);
    fields.finish()?;
    let mut records = state.store.list_plans(page.after.as_deref(), page.ask()).await?;
    let next_cursor = page.cut(&mut records, |record| record.name.clone());
    Ok(Json(PlanList { items: records.into_iter().map(shown).collect(), next_cursor }))
}
