//! `GET /api/gateway/pools/{id_or_name}/members`

use axum::Json;
use axum::extract::{Path, State};

use crate::api::AppState;
use crate::api::auth::{FleetRead, Permit};
use crate::api::extract::NoQuery;
use crate::api::pools::{no_such_pool, pool_ref};
use crate::api::problem::Refusal;
use crate::api::types::{PoolMember, PoolMemberList, Problem};

/// List the members of a shared pool
///
/// How each was when a worker last asked it, which one does every few seconds.
#[utoipa::path(
    get,
    path = "/api/gateway/pools/{id_or_name}/members",
    operation_id = "list_pool_members",
    tag = "fleet",
    security(("api_key" = ["fleet:read"]), ("session" = ["fleet:read"])),
    params(("id_or_name" = String, Path, description = "Id or name of the pool")),
    responses(
        (status = 200, description = "The members", body = PoolMemberList),
        (status = 404, description = "No such pool", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn list_pool_members(
    State(state): State<AppState>,
    _permit: Permit<FleetRead>,
    _query: NoQuery,
    Path(which): Path<String>,
) -> Result<Json<PoolMemberList>, Refusal> {
    let pool = state.store.pool(&pool_ref(&which)?).await?.ok_or_else(no_such_pool)?;
    let members = state.store.pool_members(pool.id).await?;
    let items = members.into_iter().map(|member| {
        let (container_id, image_id) = member.container.and_then(|container| container.made).unzip();
        PoolMember {
            used: pool.state.serves() && pool.members.iter().any(|url| url == member.url.as_str()),
            url: member.url.into(),
            state: member.state,
            since: member.since,
            container_id,
            image_id,
        }
    });
    Ok(Json(PoolMemberList { items: items.collect() }))
}
