//! `gatewayctl route` and `gatewayctl traefik`

use crate::api::types::{
    Route, RouteExplanation, RouteTest, RouteTestMethod, RouteTestReply, RouteView, TestRoute, TraefikChanges,
    TraefikHealth, TraefikSight,
};
use crate::cli::arguments::{Output, RouteVerb};
use crate::cli::client::Client;
use crate::cli::error::CliError;
use crate::cli::report::{self, Reconciled};
use crate::cli::table::{self, NONE, aligned, optional, time};
use crate::cli::terminal::Terminal;
use crate::cli::{fleet, job};

/// Does it.
///
/// # Errors
/// [`CliError::Failed`] when a URL is not answered as the row wants; see also [`CliError`].
pub(super) async fn run(client: &Client, terminal: &Terminal, output: Output, verb: RouteVerb) -> Result<(), CliError> {
    match verb {
        RouteVerb::List { tenant, state, limit } => {
            let mut filter = Vec::new();
            filter.extend(tenant.map(|tenant| ("tenant", tenant)));
            filter.extend(state.map(|state| ("state", state.to_string())));
            let list = client.routes(&filter, limit).await?;
            table::print(terminal, output, &list, |list| routes(&list.items));
            tell_sight(terminal, &list.traefik);
            if output == Output::Table && list.next_cursor.is_some() {
                terminal.tell("There are more; raise --limit to see them.");
            }
            Ok(())
        }
        RouteVerb::Explain { asked, method, headers, entry_point, client: address } => {
            let mut query = vec![("url", asked), ("method", method)];
            if !headers.is_empty() {
                query.push(("headers", headers.join("\n")));
            }
            query.extend(entry_point.map(|name| ("entry_point", name)));
            query.extend(address.map(|address| ("client", address)));
            let found = client.explain_route(&query).await?;
            table::print(terminal, output, &found, explanation);
            tell_sight(terminal, &found.traefik);
            if found.as_wanted != Some(false) {
                return Ok(());
            }
            let message = format!("{} is not answered as the tenant's row wants", found.url);
            Err(CliError::Failed { message, next: "gatewayctl reconcile".into() })
        }
        RouteVerb::Test { host, path, head } => {
            let method = if head { RouteTestMethod::Head } else { RouteTestMethod::Get };
            let asked = TestRoute { host, path: Some(path), method: Some(method) };
            let found = client.test_route(&asked).await?;
            table::print(terminal, output, &found, tested);
            match found.error {
                None => Ok(()),
                Some(error) => {
                    let next = format!("gatewayctl route explain http://{}/", found.host);
                    Err(CliError::Failed { message: format!("{} ({})", error.message, error.code), next })
                }
            }
        }
        RouteVerb::Republish { limit } => {
            let made = client.republish_routes().await?;
            let result = job::follow(client, *terminal, made, limit.longest()).await?;
            let done: Reconciled = report::read(&result)?;
            fleet::tell_reconciled(terminal, output, &result)?;
            if let Some(done) = done.republished {
                let fenced = done.fenced.len();
                let told = format!("published again: {} tenants, {} keys; ", done.tenants, done.keys);
                terminal.tell(&format!("{told}left to open work: {}; written by newer work: {fenced}", done.unsettled));
            }
            Ok(())
        }
    }
}

/// Prints Traefik's health.
///
/// # Errors
/// [`CliError::Failed`] when something is in trouble or nothing is known.
pub(super) async fn traefik(client: &Client, terminal: &Terminal, output: Output) -> Result<(), CliError> {
    let found = client.traefik().await?;
    table::print(terminal, output, &found, health);
    match (found.healthy, found.sight.message) {
        (Some(true), _) => Ok(()),
        (Some(false), _) => {
            let told: Vec<String> = found.troubles.into_iter().map(|trouble| trouble.message).collect();
            Err(CliError::Failed { message: told.join("; "), next: "read Traefik's log".into() })
        }
        (None, why) => {
            let message = why.unwrap_or_else(|| "nothing is known of Traefik".to_owned());
            Err(CliError::Failed {
                message,
                next: "see that Traefik runs, and that GATEWAY_TRAEFIK_API_URL is right".into(),
            })
        }
    }
}

fn tell_sight(terminal: &Terminal, sight: &TraefikSight) {
    if let Some(message) = &sight.message {
        terminal.tell(&format!("Nothing is known of Traefik: {message}."));
    }
}

fn servers(view: &RouteView) -> String {
    let server = |url: &str, up: Option<bool>| match up {
        Some(false) => format!("{url} (down)"),
        _ => url.to_owned(),
    };
    view.servers.iter().map(|one| server(&one.url, one.up)).collect::<Vec<_>>().join(" ")
}

fn routes(items: &[Route]) -> String {
    let row = |route: &Route| {
        let view = route.held.as_ref().or(route.wanted.as_ref());
        let parts: Vec<&str> = route.differences.iter().map(|one| one.part.as_str()).collect();
        vec![
            route.tenant_key.clone(),
            route.tenant_status.to_string(),
            route.state.to_string(),
            view.map_or_else(|| NONE.to_owned(), |view| view.rule.clone()),
            view.map_or_else(|| NONE.to_owned(), |view| view.service.clone()),
            view.map_or_else(|| NONE.to_owned(), servers),
            if parts.is_empty() { NONE.to_owned() } else { parts.join(" ") },
        ]
    };
    let header = ["tenant", "status", "route", "rule", "service", "servers", "differs in"];
    aligned(Some(&header), items.iter().map(row).collect())
}

fn explanation(found: &RouteExplanation) -> String {
    let answer = found.answer.as_ref();
    let of = |part: fn(&RouteView) -> String| answer.map_or_else(|| NONE.to_owned(), part);
    let as_wanted = found.as_wanted.map(|yes| if yes { "yes" } else { "no" });
    let tenant = found.tenant_route.as_ref().map(|route| format!("{} ({})", route.tenant_key, route.tenant_status));
    let rows = [
        ("url", format!("{} {}", found.method, found.url)),
        ("entry point", found.entry_point.clone()),
        ("tenant", optional(tenant.as_ref())),
        ("router", of(|view| view.router.clone())),
        ("rule", of(|view| view.rule.clone())),
        ("priority", of(|view| view.priority.to_string())),
        ("middlewares", of(|view| view.middlewares.join(" "))),
        ("service", of(|view| view.service.clone())),
        ("servers", of(servers)),
        ("as wanted", as_wanted.unwrap_or("unknown").to_owned()),
    ];
    let mut rows: Vec<Vec<String>> = rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
    rows.extend(found.reasons.iter().map(|reason| vec![reason.code.to_string(), reason.message.clone()]));
    aligned(None, rows)
}

fn tested(found: &RouteTest) -> String {
    let reply = found.reply.as_ref();
    let of = |part: fn(&RouteTestReply) -> String| reply.map_or_else(|| NONE.to_owned(), part);
    let as_wanted = found.as_wanted.map(|yes| if yes { "yes" } else { "no" });
    let rows = [
        ("request", format!("{} {}{}", found.method, found.host, found.path)),
        ("tenant", found.tenant_key.clone()),
        ("status", of(|reply| reply.status.to_string())),
        ("head after", of(|reply| format!("{:.1} ms", reply.head_ms))),
        ("whole after", of(|reply| format!("{:.1} ms", reply.whole_ms))),
        ("page", of(|reply| optional(reply.page.as_ref()))),
        ("revision", of(|reply| optional(reply.revision.as_ref()))),
        ("router", found.route.as_ref().map_or_else(|| NONE.to_owned(), |route| route.router.clone())),
        ("service", found.route.as_ref().map_or_else(|| NONE.to_owned(), |route| route.service.clone())),
        ("as wanted", as_wanted.unwrap_or("unknown").to_owned()),
    ];
    let mut rows: Vec<Vec<String>> = rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect();
    rows.extend(found.reasons.iter().map(|reason| vec![reason.code.to_string(), reason.message.clone()]));
    rows.extend(
        reply.into_iter().flat_map(|reply| &reply.headers).map(|one| vec![one.name.clone(), one.value.clone()]),
    );
    let mut text = aligned(None, rows);
    if let Some(body) = reply.and_then(|reply| reply.body.as_ref()).filter(|body| !body.is_empty()) {
        text.push_str(&format!("\n{}\n", body.trim_end()));
    }
    text
}

fn changes(found: TraefikChanges) -> String {
    let number = |count: Option<i64>| count.map_or_else(|| "unknown".to_owned(), |count| count.to_string());
    let since = found.waiting_since.map_or_else(String::new, |at| format!(", behind since {}", time(at)));
    format!("{} written, {} loaded{since}", number(found.written), number(found.loaded))
}

fn health(found: &TraefikHealth) -> String {
    let count = |count: &Option<crate::api::types::TraefikCount>| {
        count.map_or_else(|| NONE.to_owned(), |one| format!("{} ({} in error)", one.total, one.errors))
    };
    let yes = |known: Option<bool>| known.map_or("unknown", |yes| if yes { "yes" } else { "no" }).to_owned();
    let since = found.sentinel_since.map_or_else(String::new, |at| format!(", since {}", time(at)));
    let points: Vec<String> = found.entry_points.iter().map(|one| format!("{} {}", one.name, one.address)).collect();
    let rows = [
        ("healthy", yes(found.healthy)),
        ("answers", format!("{}, since {}", yes(Some(found.sight.known)), time(found.sight.since))),
        ("version", optional(found.version.as_ref())),
        ("started", optional(found.started_at.map(time).as_ref())),
        ("entry points", points.join("; ")),
        ("providers", found.providers.join(" ")),
        ("routers", count(&found.routers)),
        ("services", count(&found.services)),
        ("middlewares", count(&found.middlewares)),
        ("sentinel held", format!("{}{since}", yes(found.sentinel_held))),
        ("changes", found.changes.map_or_else(|| "unknown".to_owned(), changes)),
        ("fallback served", yes(found.fallback_served)),
    ];
    aligned(None, rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect())
}
