//! `GET /api/gateway/capacity`

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;

use crate::api::AppState;
use crate::api::auth::{FleetRead, Permit};
use crate::api::extract::QueryFields;
use crate::api::problem::Refusal;
use crate::api::types::{
    Amount, Capacity, PoolCapacity, Problem, QueueCapacity, ServerCapacity, SubnetCapacity, WorkerCapacity,
};
use crate::domain::subnet::subnets_in;
use crate::store::capacity::{QueueUse, ServerUse};

/// How much there is of something.
const fn amount(used: Option<i64>, limit: Option<i64>, measured_at: Option<Timestamp>) -> Amount {
    let free = match (used, limit) {
        (Some(used), Some(limit)) => Some(limit.saturating_sub(used)),
        _ => None,
    };
    Amount { used, limit, free, measured_at }
}

fn server_shown(server: ServerUse, at: Timestamp) -> ServerCapacity {
    let measured = server.measured.as_ref();
    let since = measured.map(|(_, at)| *at);
    let connections = measured.map(|(measure, _)| measure.max_connections - measure.reserved_connections);
    ServerCapacity {
        id: server.id.as_uuid(),
        tenants: server.tenants,
        connections: amount(Some(server.promised), connections, since.or(Some(at))),
        databases: amount(measured.map(|(measure, _)| measure.databases), None, since),
        database_bytes: amount(measured.and_then(|(measure, _)| measure.databases_bytes), None, since),
        name: server.name,
        state: server.state,
    }
}

const fn queue_shown(queue: QueueUse) -> QueueCapacity {
    QueueCapacity {
        due: queue.due,
        behind: queue.behind,
        later: queue.later,
        claimed: queue.claimed,
        paused: queue.paused,
        oldest_seconds: queue.oldest_seconds,
    }
}

/// Look at capacity
///
/// What is used up and what is left: subnets, database servers, shared pools, Docker, the queue of work and who works. What
/// only a worker can measure is as it last did.
#[utoipa::path(
    get,
    path = "/api/gateway/capacity",
    operation_id = "get_capacity",
    tag = "fleet",
    security(("api_key" = ["fleet:read"]), ("session" = ["fleet:read"])),
    responses(
        (status = 200, description = "The numbers", body = Capacity),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn get_capacity(
    State(state): State<AppState>,
    _permit: Permit<FleetRead>,
    QueryFields(fields): QueryFields,
) -> Result<Json<Capacity>, Refusal> {
    fields.finish()?;
    let (store, at) = (&state.store, Timestamp::now());
    let block = state.settings.docker.network_block;
    let subnets = store.subnet_count(block).await?;
    let limit = subnets_in(block.prefix_len());
    let mut subnet_amount = amount(Some(subnets.used), Some(limit), Some(at));
    subnet_amount.free = subnet_amount.free.map(|free| free - subnets.quarantined);
    let connection_limit = i32::try_from(state.settings.tenant_server.connection_limit).unwrap_or(i32::MAX);
    let servers = store.server_use(connection_limit).await?.into_iter();
    let pools = store.pool_use().await?.into_iter();
    let look = store.last_look().await?;
    let seen = |count: fn(&crate::store::looks::NewLook) -> Option<i64>| {
        let used = look.as_ref().and_then(|record| count(&record.look));
        amount(used, None, look.as_ref().filter(|_| used.is_some()).map(|record| record.looked_at))
    };
    let workers = store.worker_use().await?.into_iter();
    Ok(Json(Capacity {
        at,
        subnets: SubnetCapacity { block: block.to_string(), quarantined: subnets.quarantined, amount: subnet_amount },
        servers: servers.map(|server| server_shown(server, at)).collect(),
        pools: pools
            .map(|pool| PoolCapacity { id: pool.id.as_uuid(), name: pool.name, tenants: pool.tenants })
            .collect(),
        networks: seen(|look| look.networks),
        containers: seen(|look| look.containers),
        queue: queue_shown(store.queue_use().await?),
        workers: workers
            .map(|worker| WorkerCapacity { name: worker.name, tenants: worker.tenants, jobs: worker.jobs })
            .collect(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_leaves_the_rest_open() {
        assert_eq!(amount(Some(30), Some(20), None).free, Some(-10));
        assert_eq!((amount(None, Some(20), None).free, amount(Some(1), None, None).free), (None, None));
    }
}
