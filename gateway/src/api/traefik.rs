//! `GET /api/gateway/traefik`

use axum::Json;
use axum::extract::State;

use crate::api::AppState;
use crate::api::auth::{FleetRead, Permit};
use crate::api::extract::QueryFields;
use crate::api::problem::Refusal;
use crate::api::routes::sight_shown;
use crate::api::types::{Problem, TraefikChanges, TraefikCount, TraefikEntryPoint, TraefikHealth, TraefikTrouble};
use crate::infra::render::{FALLBACK_ROUTER, WILDCARD_ROUTER};
use crate::infra::traefik::live::Count;
use crate::infra::traefik::sight::{Held, Sight};
use crate::store::tree_load::TreeLoad;

/// For how many seconds a change may wait to be loaded. Ten thousand routers take Traefik about four.
const LONGEST_WAIT: f64 = 15.0;

const fn count(count: Count) -> TraefikCount {
    TraefikCount { total: count.total, warnings: count.warnings, errors: count.errors }
}

fn serves(held: &Held, router: &str) -> bool {
    held.published_router(router).is_some_and(|router| router.status != "disabled")
}

fn serves_fallback(held: &Held) -> bool {
    serves(held, FALLBACK_ROUTER)
}

/// What needs somebody, in what is held and in what is not loaded.
fn troubles(held: &Held, load: Option<&TreeLoad>, entry_point: &str) -> Vec<TraefikTrouble> {
    let mut found = Vec::new();
    let mut add = |code: &str, message: String| found.push(TraefikTrouble { code: code.to_owned(), message });
    if !held.entry_points.iter().any(|one| one.name == entry_point) {
        add(
            "entry_point_missing",
            format!("Traefik has no entry point {entry_point}, which tenants' routers listen to"),
        );
    }
    if !held.has_sentinel() {
        add("sentinel_missing", "Traefik does not hold the sentinel, so it does not read the published tree".into());
    }
    if !serves_fallback(held) {
        add("fallback_missing", format!("Traefik does not serve {FALLBACK_ROUTER}, so unknown hosts get no page"));
    }
    if !serves(held, WILDCARD_ROUTER) {
        let text =
            format!("Traefik does not serve {WILDCARD_ROUTER}, which leads to tenants without a router of their own");
        add("wildcard_missing", text);
    }
    if let Some(seconds) = load.and_then(TreeLoad::waited).filter(|seconds| *seconds > LONGEST_WAIT) {
        add(
            "changes_not_loaded",
            format!("Traefik has not loaded a change of the published tree that was seen {seconds:.0} s ago"),
        );
    }
    let counts = [
        ("routers", held.counts.routers),
        ("services", held.counts.services),
        ("middlewares", held.counts.middlewares),
    ];
    for (name, count) in counts.into_iter().filter(|(_, count)| count.errors > 0) {
        add(
            &format!("{name}_in_error"),
            format!("Traefik does not serve {} of its {} {name}", count.errors, count.total),
        );
    }
    found
}

fn shown(sight: &Sight, load: Option<&TreeLoad>, entry_point: &str) -> TraefikHealth {
    let held = sight.held.as_deref().ok();
    let troubles = held.map(|held| troubles(held, load, entry_point));
    let of_tenants = |name: &str| name == entry_point;
    let entry_points = held.into_iter().flat_map(|held| &held.entry_points).map(|one| TraefikEntryPoint {
        of_tenants: of_tenants(&one.name),
        name: one.name.clone(),
        address: one.address.clone(),
    });
    TraefikHealth {
        healthy: troubles.as_ref().map(Vec::is_empty),
        sight: sight_shown(sight),
        version: held.map(|held| held.version.clone()),
        started_at: held.and_then(|held| held.started_at),
        entry_points: entry_points.collect(),
        providers: held.map(|held| held.providers.clone()).unwrap_or_default(),
        routers: held.map(|held| count(held.counts.routers)),
        services: held.map(|held| count(held.counts.services)),
        middlewares: held.map(|held| count(held.counts.middlewares)),
        sentinel_held: held.map(Held::has_sentinel),
        sentinel_since: sight.sentinel_since,
        changes: load.map(|load| TraefikChanges {
            looked_at: load.looked_at,
            written: load.written,
            loaded: load.loaded,
            waiting_since: load.waiting.map(|(since, _)| since),
        }),
        fallback_served: held.map(serves_fallback),
        troubles: troubles.unwrap_or_default(),
    }
}

/// Look at Traefik's health
///
/// Whether Traefik's API answers, whether Traefik holds what is always published, and how far it is with the changes of its tree.
/// Where it does not answer, nothing is said about what it holds.
#[utoipa::path(
    get,
    path = "/api/gateway/traefik",
    operation_id = "get_traefik",
    tag = "fleet",
    security(("api_key" = ["fleet:read"]), ("session" = ["fleet:read"])),
    responses(
        (status = 200, description = "What is known of Traefik", body = TraefikHealth),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(super) async fn get_traefik(
    State(state): State<AppState>,
    _permit: Permit<FleetRead>,
    QueryFields(fields): QueryFields,
) -> Result<Json<TraefikHealth>, Refusal> {
    fields.finish()?;
    let sight = state.traefik().sight().await;
    let load = state.store.tree_load().await?;
    Ok(Json(shown(&sight, load.as_ref(), &state.settings.edge.entrypoint)))
}
