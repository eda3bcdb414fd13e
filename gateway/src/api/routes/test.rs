//! `POST /api/gateway/routes/test`

use std::time::Duration;

use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::Response;
use serde_json::json;

use crate::api::AppState;
use crate::api::auth::{Caller, Permit, Scope, TenantsRead};
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::Fields;
use crate::api::problem::Refusal;
use crate::api::routes::explain::owner_of;
use crate::api::routes::view_shown;
use crate::api::types::{
    InspectionError, Problem, RouteReason, RouteTest, RouteTestHeader, RouteTestMethod, RouteTestReply, TestRoute,
};
use crate::domain::failure::Failure;
use crate::domain::host::Host;
use crate::domain::inspection::plain;
use crate::domain::rule::Request;
use crate::infra::edge_test::{EdgeReply, target};
use crate::infra::limits::{Limit, Limits};
use crate::infra::probe::Probe;
use crate::inventory::explain::{Asked, Owner, explain};
use crate::inventory::routing::Routing;
use crate::store::fleet::TenantRow;
use crate::store::tenants::TenantRef;

/// Longest path with its query, in bytes.
const MAX_PATH: usize = 2048;
/// Longest wait for an answer.
const LONGEST: Duration = Duration::from_secs(8);
/// Requests of one caller.
const CALLER: Limit = Limit { name: "route-test-caller", burst: 20, interval: Duration::from_secs(2) };
/// Requests of all callers: tenants' apps get them.
const EVERYBODY: Limit = Limit { name: "route-test-all", burst: 100, interval: Duration::from_millis(500) };

/// Sends requests that people test routes with.
#[derive(Debug)]
pub(in crate::api) struct RouteTester {
    limits: Limits,
    probe: Result<Probe, Failure>,
}

impl RouteTester {
    /// Counts there; has sent nothing yet.
    pub(in crate::api) fn new(limits: Limits) -> Self {
        Self { limits, probe: Probe::new() }
    }

    /// Counts a request before it is sent.
    async fn begin(&self, caller: &Caller) -> Result<(), Refusal> {
        match self.limits.take(&[(CALLER, &caller.principal()), (EVERYBODY, "all")]).await {
            Ok(None) => Ok(()),
            Ok(Some(wait)) => {
                let seconds = wait.as_secs() + 1;
                let detail = format!("too many requests to test routes with; try again in {seconds} seconds");
                let refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too_many_tests", "Too many tests", detail);
                Err(refusal.with_header(RETRY_AFTER, HeaderValue::from(seconds)))
            }
            Err(failure) => {
                let detail = "no route can be tested while tests cannot be counted; try again";
                let status = StatusCode::SERVICE_UNAVAILABLE;
                let refusal = Refusal::new(status, "limits_unavailable", "Not available", detail);
                Err(refusal.with_header(RETRY_AFTER, HeaderValue::from_static("5")).because(&failure))
            }
        }
    }
}

struct Wanted {
    host: Host,
    path: String,
    method: RouteTestMethod,
}

fn read_path(fields: &mut Fields) -> String {
    let path = fields.text("path").unwrap_or_else(|| "/".to_owned());
    if path.len() > MAX_PATH {
        fields.refuse("path", "length", format!("may have {MAX_PATH} bytes at most"));
    } else if !path.starts_with('/') || path.chars().any(|c| c.is_control() || c == '#') {
        fields.refuse("path", "path", "must begin with a slash and hold neither # nor control characters");
    }
    path
}

fn read(mut fields: Fields) -> Result<Wanted, Refusal> {
    let host = fields
        .required_text("host")
        .and_then(|text| Host::parse(&text).inspect_err(|error| fields.refuse("host", error.code(), error)).ok());
    let path = read_path(&mut fields);
    let method = match fields.text("method") {
        None => RouteTestMethod::Get,
        Some(word) => RouteTestMethod::parse(&word).unwrap_or_else(|| {
            fields.refuse("method", "unknown_value", "must be GET or HEAD");
            RouteTestMethod::Get
        }),
    };
    fields.finish()?;
    let host = host.ok_or_else(Refusal::internal)?;
    Ok(Wanted { host, path, method })
}

/// Text for people, line by line; `None` where it is none.
fn text_of(body: &[u8]) -> Option<String> {
    let text = match std::str::from_utf8(body) {
        Ok(text) => text,
        // A character that was cut at the end does not make it binary.
        Err(error) if error.error_len().is_none() => std::str::from_utf8(body.get(..error.valid_up_to())?).ok()?,
        Err(_) => return None,
    };
    if text.contains('\0') {
        return None;
    }
    Some(text.split('\n').map(|line| plain(line.as_bytes())).collect::<Vec<_>>().join("\n"))
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

fn reply_shown(reply: &EdgeReply) -> RouteTestReply {
    let header = |name: &str| {
        let found = reply.headers.iter().find(|(given, _)| given == name);
        found.map(|(_, value)| plain(value))
    };
    let headers = reply.headers.iter().map(|(name, value)| RouteTestHeader { name: name.clone(), value: plain(value) });
    RouteTestReply {
        status: i32::from(reply.status),
        revision: header(crate::infra::render::REVISION_HEADER),
        page: header("x-gateway-error"),
        headers: headers.collect(),
        body: text_of(&reply.body),
        body_cut: reply.is_cut,
        head_ms: milliseconds(reply.head),
        whole_ms: milliseconds(reply.whole),
    }
}

async fn send(state: &AppState, wanted: &Wanted) -> Result<EdgeReply, Failure> {
    let Some(entry) = &state.settings.edge.entry_url else {
        let text = "traefik_url (GATEWAY_TRAEFIK_URL) is not set, so nothing can be asked of Traefik";
        return Err(Failure::permanent("edge_not_configured", text));
    };
    let method = match wanted.method {
        RouteTestMethod::Get => Method::GET,
        RouteTestMethod::Head => Method::HEAD,
    };
    let probe = state.route_tester().probe.as_ref();
    let probe = probe.map_err(|failure| Failure::permanent(failure.code, failure.message.clone()))?;
    let asking = probe.test_edge(entry, &wanted.host, &wanted.path, &method);
    let slow = |_elapsed| Err(Failure::retryable("edge_silent", "the answer did not come whole in time"));
    tokio::time::timeout(LONGEST, asking).await.unwrap_or_else(slow)
}

/// What Traefik says about the request; who may not see the fleet learns nothing of what stands behind.
async fn answer(state: &AppState, caller: &Caller, wanted: &Wanted, owner: Owner, row: &TenantRow) -> RouteTest {
    let entry = state.settings.edge.entry_url.as_ref();
    let scheme = entry.map_or("http", url::Url::scheme);
    let shown_url = url::Url::parse(&format!("{scheme}://{}/", wanted.host)).map(|url| target(&url, &wanted.path));
    let sight = state.traefik().sight().await;
    let explained = shown_url.as_ref().ok().map(|url| {
        let request = Request::new(url, wanted.method.as_str(), &[], None);
        let entry_point = state.settings.edge.entrypoint.clone();
        let asked = Asked { is_tls: scheme == "https", request, entry_point };
        explain(&asked, &owner, &Routing::of(&state.settings), sight.held.as_deref())
    });
    let (route, as_wanted, reasons) =
        explained.map(|found| (found.answer, found.as_wanted, found.reasons)).unwrap_or_default();
    let sees_fleet = caller.may(Scope::FleetRead) && caller.reach().is_everything();
    RouteTest {
        tenant_id: row.id.as_uuid(),
        tenant_key: row.key.to_string(),
        host: wanted.host.to_string(),
        path: wanted.path.clone(),
        method: wanted.method,
        reply: None,
        error: None,
        route: route.filter(|_| sees_fleet).map(view_shown),
        as_wanted,
        reasons: reasons.into_iter().map(|one| RouteReason { code: one.cause, message: one.text }).collect(),
    }
}

/// Test a route by a request
///
/// Sends one GET or HEAD through Traefik's entry point to the host of a tenant, and tells what came back beside what Traefik
/// says about it. The app gets it like any other request, without credentials. Each call sends one, also under an
/// Idempotency-Key that was used before; a dry run sends none.
#[utoipa::path(
    post,
    path = "/api/gateway/routes/test",
    operation_id = "test_route",
    tag = "fleet",
    security(("api_key" = ["tenants:read"]), ("session" = ["tenants:read"])),
    request_body = TestRoute,
    responses(
        (status = 200, description = "What came back", body = RouteTest),
        (status = 404, description = "No tenant has this host", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "Fields are wrong", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many tests; see retry-after", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Tests cannot be counted now", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(in crate::api) async fn test_route(
    State(state): State<AppState>,
    permit: Permit<TenantsRead>,
    mut call: Call,
) -> Result<Response, Early> {
    let caller = &permit.caller;
    let wanted = read(std::mem::take(&mut call.body))?;
    let owner = owner_of(&state.store, &state.settings, wanted.host.as_str()).await?;
    let Owner::Tenant(row) = &owner else { return Err(Refusal::no_such_tenant().into()) };
    let row = row.clone();
    let seen = state.store.tenant_within(&TenantRef::Id(row.id), caller.reach()).await?;
    seen.ok_or_else(Refusal::no_such_tenant)?;
    let mut tested = answer(&state, caller, &wanted, owner, &row).await;
    if !call.is_dry_run() {
        state.route_tester().begin(caller).await?;
        match send(&state, &wanted).await {
            Ok(reply) => tested.reply = Some(reply_shown(&reply)),
            Err(failure) => {
                tracing::debug!(code = failure.code, cause = failure.cause_chain(), "a route could not be tested");
                tested.error = Some(InspectionError { code: failure.code.to_owned(), message: failure.message });
            }
        }
    }
    let change = call.begin(&state, caller).await?;
    let effect = Effect::new(StatusCode::OK, format!("tenant:{}", row.id), &tested)?;
    let status = tested.reply.as_ref().map(|reply| reply.status);
    let asked = json!({ "host": tested.host, "path": tested.path, "method": tested.method, "status": status });
    call.finish(&state, caller, change, effect.changing(None::<&()>, Some(&asked))?).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_shown_where_they_are_text() {
        assert_eq!(text_of(b"<p>\x1b[31mred</p>\r\nnext\t."), Some("<p>red</p>\nnext\t.".into()));
        assert_eq!(text_of("caf\u{e9}".as_bytes().get(..4).unwrap()), Some("caf".into()));
        assert_eq!((text_of(b"\x89PNG\x00"), text_of(b"a\0b"), text_of(b"")), (None, None, Some(String::new())));
    }
}
