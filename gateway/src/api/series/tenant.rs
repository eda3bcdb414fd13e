//! `GET /api/gateway/tenants/{id_or_key}/series`

use axum::Json;
use axum::extract::State;

use crate::api::AppState;
use crate::api::auth::{Permit, TenantsRead};
use crate::api::extract::{QueryFields, TenantPath};
use crate::api::problem::Refusal;
use crate::api::series::{answer, read_window, read_word, traffic};
use crate::api::types::{Problem, Series};
use crate::domain::series::{Metric, TrafficMetric};

/// Look at a tenant's numbers over time
///
/// What it was asked, at most 1,500 points. Requests are counted where the gateway sees them: at the tenant port, and at
/// Traefik where its metrics are read. The gateway's own looks at the tenant count as well.
#[utoipa::path(
    get,
    path = "/api/gateway/tenants/{id_or_key}/series",
    operation_id = "get_tenant_series",
    tag = "tenants",
    security(("api_key" = ["tenants:read"]), ("session" = ["tenants:read"])),
    params(
        ("id_or_key" = String, Path, description = "Id or key of the tenant"),
        ("metric" = inline(TrafficMetric), Query, description = "What to look at"),
        ("from" = inline(Option<String>), Query, description = "From when on; an hour before to when left out", nullable = false, example = "2030-01-31T12:00:00Z"),
        ("to" = inline(Option<String>), Query, description = "Until when; now when left out", nullable = false),
        ("step" = inline(Option<i32>), Query, description = "Seconds between two points at least; the answer's may be more", nullable = false, minimum = 1, maximum = 86_400),
    ),
    responses(
        (status = 200, description = "The numbers", body = Series),
        (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn get_tenant_series(
    State(state): State<AppState>,
    permit: Permit<TenantsRead>,
    TenantPath(which): TenantPath,
    QueryFields(mut fields): QueryFields,
) -> Result<Json<Series>, Refusal> {
    let tenant = state.store.tenant_within(&which, permit.caller.reach()).await?.ok_or_else(Refusal::no_such_tenant)?;
    let words: Vec<&str> = TrafficMetric::ALL.iter().map(|metric| metric.as_str()).collect();
    let wanted = read_word(&mut fields, "metric", TrafficMetric::parse, &words);
    let window = read_window(&mut fields, &state.settings.series);
    fields.finish()?;
    let wanted = wanted.ok_or_else(Refusal::internal)?;
    let metric = match wanted {
        TrafficMetric::Requests => Metric::Requests,
        TrafficMetric::Errors => Metric::Errors,
        TrafficMetric::Latency => Metric::Latency,
    };
    let series = traffic(&state.store, Some(tenant.id), wanted, &window).await?;
    Ok(Json(answer(metric, &window, series)))
}
