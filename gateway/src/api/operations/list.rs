//! `GET /api/gateway/operations`

use axum::Json;
use axum::extract::State;

use crate::api::AppState;
use crate::api::auth::{OperationsRead, Permit};
use crate::api::extract::{Fields, QueryFields, tenant_ref};
use crate::api::operations::shown;
use crate::api::page::Page;
use crate::api::problem::Refusal;
use crate::api::selection::{SelectedPage, Selection};
use crate::api::types::{Operation, OperationList, Problem};
use crate::domain::ids::TenantId;
use crate::domain::operation::{OperationKind, OperationState};
use crate::domain::reach::Reach;
use crate::store::operations::OperationFilter;
use crate::store::tenants::TenantRef;

/// The tenant a parameter names. An id need not be looked up: one that names nobody has no operations.
pub(in crate::api) async fn tenant_id(state: &AppState, text: &str, reach: &Reach) -> Result<TenantId, Refusal> {
    match tenant_ref(text).ok_or_else(Refusal::no_such_tenant)? {
        TenantRef::Id(id) => Ok(id),
        key @ TenantRef::Key(_) => {
            let record = state.store.tenant_within(&key, reach).await?;
            record.map(|record| record.id).ok_or_else(Refusal::no_such_tenant)
        }
    }
}

/// Words with commas between, each one of those known.
fn read_words<T: Copy + ToString>(
    fields: &mut Fields,
    name: &str,
    known: &[T],
    parse: fn(&str) -> Option<T>,
) -> Vec<T> {
    let text = fields.text(name).unwrap_or_default();
    let given: Vec<Option<T>> = text.split(',').filter(|word| !word.is_empty()).map(parse).collect();
    if given.iter().any(Option::is_none) {
        let words: Vec<String> = known.iter().map(T::to_string).collect();
        fields.refuse(name, "unknown_value", format!("must be one of {}", words.join(", ")));
    }
    given.into_iter().flatten().collect()
}

/// List operations
///
/// Newest first, without their steps.
#[utoipa::path(
    get,
    path = "/api/gateway/operations",
    operation_id = "list_operations",
    tag = "operations",
    security(("api_key" = ["operations:read"]), ("session" = ["operations:read"])),
    params(
        ("tenant" = inline(Option<String>), Query, description = "Only those of this tenant: id or key", nullable = false),
        ("state" = inline(Option<String>), Query, description = "Only those in this state, or in one of several with commas between", nullable = false),
        ("kind" = inline(Option<String>), Query, description = "Only those of this kind, or of one of several with commas between", nullable = false),
        ("limit" = inline(Option<i32>), Query, description = "Items at most; 50 when left out", nullable = false, minimum = 1, maximum = 200),
        ("cursor" = inline(Option<String>), Query, description = "next_cursor of the page before", nullable = false),
    ),
    responses(
        (status = 200, description = "A page of operations", body = OperationList),
        (status = 404, description = "No such tenant", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn list_operations(
    State(state): State<AppState>,
    permit: Permit<OperationsRead>,
    QueryFields(mut fields): QueryFields,
) -> Result<Json<SelectedPage<Operation>>, Refusal> {
    let tenant = fields.text("tenant").filter(|text| !text.is_empty());
    let states = read_words(&mut fields, "state", OperationState::ALL, OperationState::parse);
    let kinds = read_words(&mut fields, "kind", OperationKind::ALL, OperationKind::parse);
    let selection = Selection::read::<Operation>(&mut fields);
    let page = Page::read(&mut fields);
    fields.finish()?;
    let reach = permit.caller.reach();
    let tenant = match tenant {
        Some(text) => Some(tenant_id(&state, &text, reach).await?),
        None => None,
    };
    let filter = OperationFilter {
        tenant,
        states,
        kinds,
        reach: reach.clone(),
        after: page.after,
        limit: page.ask(),
        ..OperationFilter::default()
    };
    let mut records = state.store.list_operations(&filter).await?;
    let next_cursor = page.cut(&mut records, |record| (record.created_at, record.id.as_uuid()));
    Ok(Json(selection.of_page(records.into_iter().map(|record| shown(record, None)), next_cursor)?))
}
