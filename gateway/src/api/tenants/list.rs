//! `GET /api/gateway/tenants`

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use uuid::Uuid;

use crate::api::AppState;
use crate::api::auth::{Permit, TenantsRead};
use crate::api::extract::{Fields, QueryFields};
use crate::api::page::Page;
use crate::api::problem::Refusal;
use crate::api::selection::{SelectedPage, Selection};
use crate::api::tenants::shown;
use crate::api::types::{Problem, Tenant, TenantList};
use crate::domain::labels::check_name;
use crate::domain::reach::Reach;
use crate::domain::status::Status;
use crate::domain::tenant::Tier;
use crate::store::tenant_list::{TenantFilter, TenantOrder, TenantPlace};

/// Longest text to search for, in characters.
const MAX_SEARCH: usize = 200;

/// Parameters such as `label.plan=gold`.
fn read_labels(fields: &mut Fields) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    for parameter in fields.names() {
        let Some(name) = parameter.strip_prefix("label.") else { continue };
        let value = fields.text(&parameter).unwrap_or_default();
        match check_name(name) {
            Ok(()) if value.contains('\0') => fields.refuse(&parameter, "character", "must not hold the character NUL"),
            Ok(()) => {
                labels.insert(name.to_owned(), value);
            }
            Err(error) => fields.refuse(&parameter, error.code(), error),
        }
    }
    labels
}

fn read_status(fields: &mut Fields) -> Vec<Status> {
    let mut found = Vec::new();
    for word in fields.text("status").unwrap_or_default().split(',').filter(|word| !word.is_empty()) {
        match Status::parse(word) {
            Some(status) => found.push(status),
            None => {
                let words: Vec<&str> = Status::ALL.iter().map(|status| status.as_str()).collect();
                fields.refuse("status", "unknown_value", format!("must be one of {}", words.join(", ")));
                break;
            }
        }
    }
    found
}

pub(in crate::api) fn read_search(fields: &mut Fields) -> Option<String> {
    let text = fields.text("q").map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())?;
    if text.chars().count() > MAX_SEARCH {
        fields.refuse("q", "length", format!("may have {MAX_SEARCH} characters at most"));
    }
    if text.chars().any(char::is_control) {
        fields.refuse("q", "character", "must not hold control characters");
    }
    Some(text)
}

/// What to order by, and whether from the lowest on: `key`, or `-created_at` for the newest first.
fn read_order(fields: &mut Fields) -> (TenantOrder, bool) {
    let Some(text) = fields.text("sort").filter(|text| !text.is_empty()) else { return (TenantOrder::Created, false) };
    let word = text.strip_prefix('-').unwrap_or(&text);
    if let Some(order) = TenantOrder::ALL.into_iter().find(|order| order.as_str() == word) {
        return (order, !text.starts_with('-'));
    }
    let words: Vec<&str> = TenantOrder::ALL.iter().map(|order| order.as_str()).collect();
    fields.refuse(
        "sort",
        "unknown_value",
        format!("must be one of {}, with - before it for the highest first", words.join(", ")),
    );
    (TenantOrder::Created, false)
}

/// A plan or a database server by its name, which nothing but the name tells from others.
pub(in crate::api) fn read_name(fields: &mut Fields, field: &str) -> Option<String> {
    let name = fields.text(field)?;
    if name.contains('\0') {
        fields.refuse(field, "character", "must not hold the character NUL");
    }
    Some(name)
}

fn read(mut fields: Fields, reach: Reach) -> Result<(TenantFilter, Page<TenantPlace>, Selection), Refusal> {
    let selection = Selection::read::<Tenant>(&mut fields);
    let status = read_status(&mut fields);
    let tier = fields.text("tier").filter(|word| !word.is_empty()).and_then(|word| {
        let tier = Tier::parse(&word);
        if tier.is_none() {
            fields.refuse("tier", "unknown_value", "must be shared or dedicated");
        }
        tier
    });
    let pool = fields.text("pool_id").filter(|text| !text.is_empty()).and_then(|text| {
        Uuid::try_parse(&text).inspect_err(|_| fields.refuse("pool_id", "uuid", "must be a UUID")).ok()
    });
    let plan = read_name(&mut fields, "plan").filter(|name| !name.is_empty());
    let server = read_name(&mut fields, "server").filter(|name| !name.is_empty());
    let updated_since = fields.text("updated_since").filter(|text| !text.is_empty()).and_then(|text| {
        let at = text.parse::<Timestamp>();
        at.inspect_err(|_| fields.refuse("updated_since", "time", "must be a time such as 2030-01-31T12:00:00Z")).ok()
    });
    let search = read_search(&mut fields);
    let labels = read_labels(&mut fields);
    let (order, ascending) = read_order(&mut fields);
    let page: Page<TenantPlace> = Page::read(&mut fields);
    if page.after.as_ref().is_some_and(|after| after.order != order) {
        fields.refuse("cursor", "cursor", "must be a next_cursor of an answer in the same order");
    }
    fields.finish()?;
    let (after, limit) = (page.after.clone(), page.ask());
    let filter = TenantFilter {
        status,
        tier,
        pool,
        plan,
        server,
        updated_since,
        search,
        labels,
        reach,
        order,
        ascending,
        after,
        limit,
    };
    Ok((filter, page, selection))
}

/// Whether a query is one of this list.
///
/// # Errors
/// A 422 that names what is wrong.
pub(in crate::api) fn check(query: &str) -> Result<(), Refusal> {
    read(QueryFields::of(query).0, Reach::EVERYTHING).map(|_| ())
}

/// List tenants
///
/// Newest first, unless asked for otherwise. Deleted ones are left out unless asked for by status.
#[utoipa::path(
    get,
    path = "/api/gateway/tenants",
    operation_id = "list_tenants",
    tag = "tenants",
    security(("api_key" = ["tenants:read"]), ("session" = ["tenants:read"])),
    params(
        ("status" = inline(Option<String>), Query, description = "Only tenants in this state, or in one of several with commas between; ready means active", nullable = false),
        ("tier" = inline(Option<String>), Query, description = "Only tenants served so: shared or dedicated", nullable = false),
        ("pool_id" = inline(Option<String>), Query, description = "Only tenants in this shared pool", nullable = false),
        ("plan" = inline(Option<String>), Query, description = "Only tenants with the plan of this name", nullable = false),
        ("server" = inline(Option<String>), Query, description = "Only tenants on the database server of this name", nullable = false),
        ("updated_since" = inline(Option<String>), Query, description = "Only tenants whose rows changed at this time or later", nullable = false),
        ("sort" = inline(Option<String>), Query, description = "created_at, updated_at, key or company_name; with - before it the highest first; -created_at when left out", nullable = false),
        ("q" = inline(Option<String>), Query, description = "Part of key, company name or host", nullable = false, max_length = 200),
        ("label.{name}" = inline(Option<String>), Query, description = "Only tenants with this label: label.plan=gold; may be given for several names", nullable = false),
        ("limit" = inline(Option<i32>), Query, description = "Items at most; 50 when left out", nullable = false, minimum = 1, maximum = 200),
        ("cursor" = inline(Option<String>), Query, description = "next_cursor of the page before", nullable = false),
    ),
    responses(
        (status = 200, description = "A page of tenants", body = TenantList),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn list_tenants(
    State(state): State<AppState>,
    permit: Permit<TenantsRead>,
    QueryFields(fields): QueryFields,
) -> Result<Json<SelectedPage<Tenant>>, Refusal> {
    let (filter, page, selection) = read(fields, permit.caller.reach().clone())?;
    let order = filter.order;
    let mut records = state.store.list_tenants(&filter).await?;
    let next_cursor = page.cut(&mut records, |record| TenantPlace::of(order, record));
    let items = records.into_iter().map(|record| shown(record, &state.settings));
    Ok(Json(selection.of_page(items, next_cursor)?))
}
