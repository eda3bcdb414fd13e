//! `GET /api/gateway/drift`

use axum::Json;
use axum::extract::State;
use serde_json::Value;

use crate::api::AppState;
use crate::api::auth::{FleetRead, Permit};
use crate::api::extract::{Fields, QueryFields, tenant_ref};
use crate::api::page::Page;
use crate::api::problem::Refusal;
use crate::api::types::{Drift, DriftList, DriftLook, DriftTrouble, Problem};
use crate::domain::drift::DriftKind;
use crate::store::looks::{DriftFilter, DriftRecord, LookRecord};

fn shown(record: DriftRecord) -> Drift {
    Drift {
        tenant_id: record.found.tenant_id.as_uuid(),
        tenant_key: record.tenant_key,
        tenant_status: record.tenant_status,
        kind: record.found.kind,
        what: record.found.what,
        wanted: record.found.wanted,
        observed: record.found.observed,
        repair: record.found.repair,
        first_seen_at: record.first_seen_at,
    }
}

fn look_shown(record: LookRecord) -> DriftLook {
    let text = |value: &Value, name: &str| value[name].as_str().map(str::to_owned);
    let trouble = |value: &Value| DriftTrouble {
        source: text(value, "source"),
        code: text(value, "code").unwrap_or_default(),
        message: text(value, "message").unwrap_or_default(),
    };
    let refused = record.look.refused.map(|(code, message)| DriftTrouble { source: None, code, message });
    DriftLook {
        looked_at: record.looked_at,
        since: record.since,
        tenants: record.look.tenants,
        orphans: record.orphans,
        refused,
        unknown: record.look.unknown.as_array().into_iter().flatten().map(trouble).collect(),
    }
}

fn read_kind(fields: &mut Fields) -> Option<DriftKind> {
    let word = fields.text("kind").filter(|word| !word.is_empty())?;
    let kind = DriftKind::parse(&word);
    if kind.is_none() {
        let words: Vec<&str> = DriftKind::ALL.iter().map(|kind| kind.as_str()).collect();
        fields.refuse("kind", "unknown_value", format!("must be one of {}", words.join(", ")));
    }
    kind
}

/// List drift
///
/// What the last look of a worker found that was not as the tenants' rows say, and what was done about it. It stands here
/// until a look finds the tenant in order. By tenant's key.
#[utoipa::path(
    get,
    path = "/api/gateway/drift",
    operation_id = "list_drift",
    tag = "fleet",
    security(("api_key" = ["fleet:read"]), ("session" = ["fleet:read"])),
    params(
        ("tenant" = inline(Option<String>), Query, description = "Only this tenant's, by id or key", nullable = false),
        ("kind" = inline(Option<String>), Query, description = "Only drift of this kind, such as route_differs", nullable = false),
        ("limit" = inline(Option<i32>), Query, description = "Items at most; 50 when left out", nullable = false, minimum = 1, maximum = 200),
        ("cursor" = inline(Option<String>), Query, description = "next_cursor of the page before", nullable = false),
    ),
    responses(
        (status = 200, description = "A page of drift", body = DriftList),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn list_drift(
    State(state): State<AppState>,
    _permit: Permit<FleetRead>,
    QueryFields(mut fields): QueryFields,
) -> Result<Json<DriftList>, Refusal> {
    let named = fields.text("tenant").filter(|text| !text.is_empty());
    let kind = read_kind(&mut fields);
    let page: Page<(String, DriftKind, String)> = Page::read(&mut fields);
    fields.finish()?;
    let look = state.store.last_look().await?.map(look_shown);
    let tenant = match named.as_deref().map(tenant_ref) {
        None => None,
        Some(which) => {
            let found = match which {
                Some(which) => state.store.tenant(&which).await?,
                None => None,
            };
            let Some(tenant) = found else { return Ok(Json(DriftList { items: Vec::new(), next_cursor: None, look })) };
            Some(tenant.id)
        }
    };
    let filter = DriftFilter { tenant, kind, after: page.after.clone(), limit: page.ask() };
    let mut records = state.store.list_drift(&filter).await?;
    let next_cursor =
        page.cut(&mut records, |record| (record.tenant_key.clone(), record.found.kind, record.found.what.clone()));
    Ok(Json(DriftList { items: records.into_iter().map(shown).collect(), next_cursor, look }))
}
