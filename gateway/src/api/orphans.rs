//! `GET /api/gateway/orphans`

use axum::Json;
use axum::extract::State;

use crate::api::AppState;
use crate::api::auth::{FleetRead, Permit};
use crate::api::extract::QueryFields;
use crate::api::page::Page;
use crate::api::problem::Refusal;
use crate::api::types::{Orphan, OrphanList, Problem};
use crate::domain::ids::TenantId;
use crate::store::orphans::{OrphanFilter, OrphanRecord};

/// What is shown of an orphan.
fn shown(record: OrphanRecord) -> Orphan {
    Orphan {
        kind: record.kind,
        place: record.place,
        name: record.name,
        tenant_id: record.tenant_id.map(TenantId::as_uuid),
        detail: match record.detail {
            serde_json::Value::Object(found) => found.into_iter().collect(),
            _ => Default::default(),
        },
        first_seen_at: record.first_seen_at,
        condemned_at: record.condemned_at,
        condemned_by: record.condemned_by,
    }
}

/// List orphans
///
/// Objects outside with the mark of this control plane that no tenant owns, as they were last seen, by kind, place and name.
/// A job of the kind collect removes them.
#[utoipa::path(
    get,
    path = "/api/gateway/orphans",
    operation_id = "list_orphans",
    tag = "fleet",
    security(("api_key" = ["fleet:read"]), ("session" = ["fleet:read"])),
    params(
        ("limit" = inline(Option<i32>), Query, description = "Items at most; 50 when left out", nullable = false, minimum = 1, maximum = 200),
        ("cursor" = inline(Option<String>), Query, description = "next_cursor of the page before", nullable = false),
    ),
    responses(
        (status = 200, description = "A page of orphans", body = OrphanList),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn list_orphans(
    State(state): State<AppState>,
    _permit: Permit<FleetRead>,
    QueryFields(mut fields): QueryFields,
) -> Result<Json<OrphanList>, Refusal> {
    let page = Page::read(&mut fields);
    fields.finish()?;
    let filter = OrphanFilter { after: page.after.clone(), limit: page.ask() };
    let mut records = state.store.list_orphans(&filter).await?;
    let next_cursor = page.cut(&mut records, |record| (record.kind, record.place.clone(), record.name.clone()));
    Ok(Json(OrphanList { items: records.into_iter().map(shown).collect(), next_cursor }))
}
