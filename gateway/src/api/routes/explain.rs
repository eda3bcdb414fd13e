//! `GET /api/gateway/routes/explain`

use std::net::IpAddr;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, Method};
use url::Url;

use crate::api::AppState;
use crate::api::auth::{FleetRead, Permit};
use crate::api::extract::{Fields, QueryFields};
use crate::api::problem::Refusal;
use crate::api::routes::{shown, sight_shown, view_shown};
use crate::api::types::{Problem, RouteExplanation, RouteReason};
use crate::config::Settings;
use crate::domain::key::TenantKey;
use crate::domain::rule::Request;
use crate::inventory::explain::{Asked, Owner, explain};
use crate::inventory::routing::Routing;
use crate::store::Store;
use crate::store::fleet::RowFilter;
use crate::store::tenants::TenantRef;

/// Longest URL, in bytes.
const MAX_URL: usize = 2048;
/// Longest list of headers, in bytes.
const MAX_HEADERS: usize = 4096;
/// Longest name of an entry point, in bytes.
const MAX_NAME: usize = 100;

fn read_url(fields: &mut Fields) -> Option<Url> {
    let text = fields.required_text("url")?;
    let url = Url::parse(&text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    if text.len() > MAX_URL {
        fields.refuse("url", "length", format!("may have {MAX_URL} bytes at most"));
    } else if url.is_none() {
        fields.refuse("url", "url", "must be a URL that begins with http:// or https:// and names a host");
    } else if url.as_ref().is_some_and(|url| !url.username().is_empty() || url.password().is_some()) {
        fields.refuse("url", "parts", "must hold no credentials");
    }
    url
}

fn read_method(fields: &mut Fields) -> String {
    let text = fields.text("method").filter(|text| !text.is_empty()).unwrap_or_else(|| "GET".to_owned());
    if text.len() > 32 || Method::from_bytes(text.as_bytes()).is_err() {
        fields.refuse("method", "method", "must be a method of HTTP such as GET");
    }
    text
}

/// One header a line, as `name: value`.
fn read_headers(fields: &mut Fields) -> Vec<(String, String)> {
    let text = fields.text("headers").unwrap_or_default();
    if text.len() > MAX_HEADERS {
        fields.refuse("headers", "length", format!("may have {MAX_HEADERS} bytes at most"));
        return Vec::new();
    }
    let mut found = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let parts = line.split_once(':').map(|(name, value)| (name.trim(), value.trim()));
        let is_header = |(name, value): &(&str, &str)| {
            HeaderName::from_bytes(name.as_bytes()).is_ok() && HeaderValue::from_str(value).is_ok()
        };
        match parts.filter(is_header) {
            Some((name, value)) => found.push((name.to_owned(), value.to_owned())),
            None => {
                fields.refuse("headers", "header", "must be headers such as X-Plan: gold, one a line");
                return Vec::new();
            }
        }
    }
    found
}

fn read_entry_point(fields: &mut Fields, settings: &Settings) -> String {
    let text = fields.text("entry_point").filter(|text| !text.is_empty());
    let text = text.unwrap_or_else(|| settings.edge.entrypoint.clone());
    if text.len() > MAX_NAME {
        fields.refuse("entry_point", "length", format!("may have {MAX_NAME} bytes at most"));
    }
    text
}

fn read_client(fields: &mut Fields) -> Option<IpAddr> {
    let text = fields.text("client").filter(|text| !text.is_empty())?;
    text.parse().inspect_err(|_| fields.refuse("client", "address", "must be an address such as 192.0.2.7")).ok()
}

/// Who has a host.
pub(super) async fn owner_of(store: &Store, settings: &Settings, host: &str) -> Result<Owner, Refusal> {
    let host = host.strip_suffix('.').unwrap_or(host);
    if settings.http.admin_hostname.as_ref().is_some_and(|console| console.as_str() == host) {
        return Ok(Owner::Console);
    }
    let suffix = format!(".{}", settings.tenants.host_suffix);
    let key = host.strip_suffix(&suffix).filter(|key| TenantKey::parse(key).is_ok());
    let Some((id, key, is_deleted)) = store.owner_of_host(host, key).await? else { return Ok(Owner::Nobody) };
    if is_deleted {
        return Ok(Owner::Deleted(id, key));
    }
    let filter = RowFilter { tenant: Some(TenantRef::Id(id)), after: None, limit: 1 };
    let row = store.tenant_rows(&filter).await?.rows.pop();
    // Deleted between the two looks, or not to be understood.
    Ok(row.map_or(Owner::Nobody, |row| Owner::Tenant(Box::new(row))))
}

/// Explain who answers a URL
///
/// Evaluates the rules of Traefik's routers, as its API reports them, for one request: which router, service, server and
/// tenant answer, and where that is not what the tenant's row wants, why. Nothing is asked of the URL itself.
#[utoipa::path(
    get,
    path = "/api/gateway/routes/explain",
    operation_id = "explain_route",
    tag = "fleet",
    security(("api_key" = ["fleet:read"]), ("session" = ["fleet:read"])),
    params(
        ("url" = inline(String), Query, description = "The URL, with http or https", max_length = 2048, example = "https://acme.example.com/orders"),
        ("method" = inline(Option<String>), Query, description = "Method; GET when left out", nullable = false, max_length = 32),
        ("headers" = inline(Option<String>), Query, description = "Headers the request carries, one a line: X-Plan: gold", nullable = false, max_length = 4096),
        ("entry_point" = inline(Option<String>), Query, description = "Entry point it comes in by; the one of tenants when left out", nullable = false, max_length = 100),
        ("client" = inline(Option<String>), Query, description = "Address it comes from, for rules that ask", nullable = false),
    ),
    responses(
        (status = 200, description = "Who answers", body = RouteExplanation),
        (status = 422, description = "Parameters are wrong", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn explain_route(
    State(state): State<AppState>,
    _permit: Permit<FleetRead>,
    QueryFields(mut fields): QueryFields,
) -> Result<Json<RouteExplanation>, Refusal> {
    let url = read_url(&mut fields);
    let method = read_method(&mut fields);
    let headers = read_headers(&mut fields);
    let entry_point = read_entry_point(&mut fields, &state.settings);
    let client = read_client(&mut fields);
    fields.finish()?;
    let url = url.ok_or_else(Refusal::internal)?;
    let request = Request::new(&url, &method, &headers, client);
    let asked = Asked { is_tls: url.scheme() == "https", request, entry_point };
    let owner = owner_of(&state.store, &state.settings, &asked.request.host).await?;
    let sight = state.traefik().sight().await;
    let routing = Routing::of(&state.settings);
    let found = explain(&asked, &owner, &routing, sight.held.as_deref());
    let tenant_route = match (&owner, found.report) {
        (Owner::Tenant(row), Some(report)) => Some(shown(row, report)),
        _ => None,
    };
    let reasons = found.reasons.into_iter();
    Ok(Json(RouteExplanation {
        url: url.into(),
        method,
        host: asked.request.host,
        path: asked.request.path,
        entry_point: asked.entry_point,
        traefik: sight_shown(&sight),
        answer: found.answer.map(view_shown),
        takers: found.takers,
        tenant_route,
        as_wanted: found.as_wanted,
        reasons: reasons.map(|reason| RouteReason { code: reason.cause, message: reason.text }).collect(),
    }))
}
