//! `GET /api/gateway/database-servers`

use axum::Json;
use axum::extract::State;

use crate::api::AppState;
use crate::api::auth::{FleetRead, Permit};
use crate::api::extract::QueryFields;
use crate::api::page::Page;
use crate::api::problem::Refusal;
use crate::api::servers::shown;
use crate::api::types::{DatabaseServerList, Problem};

/// List database servers
///
/// By name. A worker makes the server of its settings known when it starts, and says of each whether it reaches it.
#[utoipa::path(
    get,
    path = "/api/gateway/database-servers",
    operation_id = "list_database_servers",
    tag = "fleet",
    security(("api_key" = ["fleet:read"]), ("session" = ["fleet:read"])),
    params(
        ("limit" = inline(Option<i32>), Query, description = "Items at most; 50 when left out", nullable = false, minimum = 1, maximum = 200),
        ("cursor" = inline(Option<String>), Query, description = "next_cursor of the page before", nullable = false),
    ),
    responses(
        (status = 200, description = "A page of servers", body = DatabaseServerList),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn list_database_servers(
    State(state): State<AppState>,
    _permit: Permit<FleetRead>,
    QueryFields(mut fields): QueryFields,
) -> Result<Json<DatabaseServerList>, Refusal> {
    let page: Page<String> = Page::read(&mut fields);
    fields.finish()?;
    let mut records = state.store.list_servers(page.after.as_deref(), page.ask()).await?;
    let next_cursor = page.cut(&mut records, |record| record.name.clone());
    Ok(Json(DatabaseServerList { items: records.into_iter().map(shown).collect(), next_cursor }))
}
