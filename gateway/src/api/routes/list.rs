//! `GET /api/gateway/routes`

use axum::Json;
use axum::extract::State;

use crate::api::AppState;
use crate::api::auth::{FleetRead, Permit};
use crate::api::extract::{Fields, QueryFields, tenant_ref};
use crate::api::page::Page;
use crate::api::problem::Refusal;
use crate::api::routes::{shown, sight_shown};
use crate::api::types::{Problem, Route, RouteList};
use crate::domain::route::RouteState;
use crate::infra::traefik::sight::Held;
use crate::inventory::published::compare;
use crate::inventory::routing::Routing;
use crate::store::Store;
use crate::store::fleet::RowFilter;
use crate::store::tenants::TenantRef;

/// Rows read at once while routes in one state are looked for.
const ROWS: u32 = 500;

/// Which routes to list.
struct Wish {
    tenant: Option<TenantRef>,
    state: Option<RouteState>,
}

fn read_state(fields: &mut Fields) -> Option<RouteState> {
    let word = fields.text("state").filter(|word| !word.is_empty())?;
    let state = RouteState::parse(&word);
    if state.is_none() {
        let words: Vec<&str> = RouteState::ALL.iter().map(|state| state.as_str()).collect();
        fields.refuse("state", "unknown_value", format!("must be one of {}", words.join(", ")));
    }
    state
}

/// Up to `limit` routes after a key. States are not in the database, so those of a page are looked for among the rows that
/// follow.
async fn collect(
    store: &Store,
    routing: &Routing,
    held: Option<&Held>,
    wish: &Wish,
    mut after: Option<String>,
    limit: u32,
) -> Result<Vec<Route>, Refusal> {
    let mut found = Vec::new();
    let rows_at_once = if wish.state.is_some() { ROWS } else { limit };
    loop {
        let filter = RowFilter { tenant: wish.tenant.clone(), after: after.clone(), limit: rows_at_once };
        let read = store.tenant_rows(&filter).await?;
        for row in &read.rows {
            let report = compare(row, routing, held);
            if wish.state.is_none_or(|state| state == report.state) {
                found.push(shown(row, report));
                if found.len() == limit as usize {
                    return Ok(found);
                }
            }
        }
        if read.next.is_none() {
            return Ok(found);
        }
        after = read.next;
    }
}

/// List routes
///
/// What the row of each tenant that is not deleted wants of Traefik, beside what Traefik's API says it holds. By key.
#[utoipa::path(
    get,
    path = "/api/gateway/routes",
    operation_id = "list_routes",
    tag = "fleet",
    security(("api_key" = ["fleet:read"]), ("session" = ["fleet:read"])),
    params(
        ("tenant" = inline(Option<String>), Query, description = "Only this tenant's, by id or key", nullable = false),
        ("state" = inline(Option<String>), Query, description = "Only routes in this state: published, missing, differs, unwanted, withdrawn, unsettled or unknown", nullable = false),
        ("limit" = inline(Option<i32>), Query, description = "Items at most; 50 when left out", nullable = false, minimum = 1, maximum = 200),
        ("cursor" = inline(Option<String>), Query, description = "next_cursor of the page before", nullable = false),
    ),
    responses(
        (status = 200, description = "A page of routes", body = RouteList),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn list_routes(
    State(state): State<AppState>,
    _permit: Permit<FleetRead>,
    QueryFields(mut fields): QueryFields,
) -> Result<Json<RouteList>, Refusal> {
    let named = fields.text("tenant").filter(|text| !text.is_empty());
    let wish = Wish { tenant: named.as_deref().and_then(tenant_ref), state: read_state(&mut fields) };
    let page: Page<String> = Page::read(&mut fields);
    fields.finish()?;
    let sight = state.traefik().sight().await;
    let held = sight.held.as_deref().ok();
    // What can be neither an id nor a key names no tenant, and so no route.
    let is_nobody = named.is_some() && wish.tenant.is_none();
    let routing = Routing::of(&state.settings);
    let mut items = if is_nobody {
        Vec::new()
    } else {
        collect(&state.store, &routing, held, &wish, page.after.clone(), page.ask()).await?
    };
    let next_cursor = page.cut(&mut items, |route| route.tenant_key.clone());
    Ok(Json(RouteList { items, next_cursor, traefik: sight_shown(&sight) }))
}
