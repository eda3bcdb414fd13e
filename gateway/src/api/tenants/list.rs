//! `GET /api/gateway/tenants`

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;

use crate::api::AppState;
use crate::api::auth::{Permit, TenantsRead};
use crate::api::extract::{Fields, QueryFields};
use crate::api::page::Page;
use crate::api::problem::Refusal;
use crate::api::tenants::shown;
use crate::api::types::{Problem, TenantList};
use crate::domain::labels::check_name;
use crate::domain::reach::Reach;
use crate::domain::status::Status;
use crate::store::tenants::TenantFilter;

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

fn read(mut fields: Fields, reach: Reach) -> Result<(TenantFilter, Page), Refusal> {
    let mut status = None;
    if let Some(word) = fields.text("status").filter(|word| !word.is_empty()) {
        status = Status::parse(&word);
        if status.is_none() {
            let words: Vec<&str> = Status::ALL.iter().map(|status| status.as_str()).collect();
            fields.refuse("status", "unknown_value", format!("must be one of {}", words.join(", ")));
        }
    }
    let search = fields.text("q").map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    if let Some(text) = &search {
        if text.chars().count() > MAX_SEARCH {
            fields.refuse("q", "length", format!("may have {MAX_SEARCH} characters at most"));
        }
        if text.chars().any(char::is_control) {
            fields.refuse("q", "character", "must not hold control characters");
        }
    }
    let labels = read_labels(&mut fields);
    let page = Page::read(&mut fields);
    fields.finish()?;
    let filter = TenantFilter { status, search, labels, reach, after: page.after, limit: page.ask() };
    Ok((filter, page))
}

/// List tenants
///
/// Newest first. Deleted ones are left out unless asked for by status.
#[utoipa::path(
    get,
    path = "/api/gateway/tenants",
    operation_id = "list_tenants",
    tag = "tenants",
    security(("api_key" = ["tenants:read"]), ("session" = ["tenants:read"])),
    params(
        ("status" = inline(Option<String>), Query, description = "Only tenants in this state; ready means active", nullable = false),
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
) -> Result<Json<TenantList>, Refusal> {
    let (filter, page) = read(fields, permit.caller.reach().clone())?;
    let mut records = state.store.list_tenants(&filter).await?;
    let next_cursor = page.cut(&mut records, |record| (record.created_at, record.id.as_uuid()));
    let items = records.into_iter().map(|record| shown(record, &state.settings)).collect();
    Ok(Json(TenantList { items, next_cursor }))
}
