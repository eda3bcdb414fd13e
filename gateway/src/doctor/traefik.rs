//! Traefik: its release, whose tree it has, and what comes back through it.

use std::time::{Duration, Instant};

use url::Url;

use crate::doctor::Look;
use crate::doctor::console::{certificate, is_https};
use crate::doctor::report::{Check, Finding};
use crate::domain::failure::Failure;
use crate::domain::host::Host;
use crate::infra::certificate;
use crate::infra::probe::{Pauses, Probe};
use crate::infra::routes::RouteTree;
use crate::infra::traefik::sight::{Held, Traefik};

/// Oldest release that knows `aliasHeadersStrategy`, without which a client can name another tenant.
const OLDEST: [u64; 3] = [3, 7, 12];
/// How long a change may take to be loaded.
const PATIENCE: Duration = Duration::from_secs(2);

/// Looks at Traefik's API, and through its entry point.
pub(super) async fn look(look: &Look<'_>) -> Vec<Finding> {
    let edge = &look.settings.edge;
    let sight = Traefik::new(edge.api_url.clone()).sight().await;
    let mut found = match (&sight.held, &edge.api_url) {
        (Ok(held), Some(api)) => {
            let mut found = judge(held, &edge.entrypoint, edge.entry_url.is_some());
            if held.has_sentinel() {
                found.push(loaded(look, api).await);
            }
            found
        }
        (_, None) => vec![Finding::warning(
            Check::Traefik,
            "traefik_api_url is not set: nobody can say whether Traefik has loaded what is published",
            "set traefik_api_url for servers and workers",
        )],
        (Err(blind), _) => vec![Finding::problem(
            Check::Traefik,
            format!("{} ({})", blind.message, blind.code),
            "look whether Traefik runs, and whether its API answers at traefik_api_url",
        )],
    };
    found.push(tenant_port(look).await);
    found.push(tenant_certificate(look).await);
    found
}

fn judge(held: &Held, entrypoint: &str, is_proved: bool) -> Vec<Finding> {
    let tree = if held.has_sentinel() {
        Finding::ok(Check::TraefikTree, format!("{} routers, ours among them", held.counts.routers.total))
    } else {
        let advice =
            "start a worker; then compare Traefik's Redis and root key with redis_url and redis_traefik_root_key";
        Finding::problem(Check::TraefikTree, "Traefik does not have the tree of this control plane", advice)
    };
    let entry = if !held.entry_points.iter().any(|point| point.name == entrypoint) {
        let names: Vec<&str> = held.entry_points.iter().map(|point| point.name.as_str()).collect();
        let found =
            format!("Traefik has no entry point {entrypoint}, only {}: no tenant would be served", names.join(", "));
        Finding::problem(Check::TraefikEntry, found, "set traefik_entrypoint to the one that tenants are to come by")
    } else if is_proved {
        Finding::ok(Check::TraefikEntry, format!("{entrypoint} is there"))
    } else {
        let found = format!("{entrypoint} is there, and traefik_url is not set: no tenant is proved by a request");
        Finding::warning(Check::TraefikEntry, found, "set traefik_url to that entry point as workers reach it")
    };
    vec![Finding::ok(Check::Traefik, "its API answers"), release(&held.version), tree, entry]
}

fn release(version: &str) -> Finding {
    let numbers = version.trim_start_matches('v').split(['-', '+']).next().unwrap_or_default();
    let numbers: Vec<u64> = numbers.split('.').map_while(|number| number.parse().ok()).collect();
    let oldest = OLDEST.map(|number| number.to_string()).join(".");
    if numbers.len() == OLDEST.len() && numbers.as_slice() >= OLDEST.as_slice() {
        return Finding::ok(Check::TraefikRelease, format!("Traefik {version}"));
    }
    let found = format!("Traefik {version}: a client can name another tenant by a header that is spelt otherwise");
    Finding::problem(Check::TraefikRelease, found, format!("upgrade it to {oldest} or newer"))
}

/// Whether what Redis counts is what Traefik shows. Both go on meanwhile, so it is given a moment.
async fn loaded(look: &Look<'_>, api: &Url) -> Finding {
    let edge = &look.settings.edge;
    let check = Check::TraefikLoaded;
    let Some(url) = &edge.redis_url else { return Finding::skipped(check, "redis_url is not set") };
    let read = async {
        let (tree, probe) = (RouteTree::connect(url, &edge.root_key).await?, Probe::new()?);
        let (begun, mut pauses) = (Instant::now(), Pauses::default());
        let Some(written) = tree.written().await? else { return Ok(None) };
        loop {
            let loaded = probe.loaded(api).await?;
            if loaded >= written || begun.elapsed() > PATIENCE {
                return Ok::<_, Failure>(Some((written, loaded)));
            }
            pauses.next().await;
        }
    };
    match read.await {
        Ok(counts) => loaded_judged(counts),
        Err(failure) => Finding::skipped(check, failure.message),
    }
}

fn loaded_judged(counts: Option<(i64, i64)>) -> Finding {
    let check = Check::TraefikLoaded;
    match counts {
        None => Finding::problem(
            check,
            "nothing counts the changes of the tree: it was lost, and no worker has written it again",
            "start a worker; it writes the whole tree within seconds",
        ),
        Some((written, loaded)) if loaded >= written => Finding::ok(check, format!("change {loaded}, the newest")),
        Some((written, loaded)) => Finding::problem(
            check,
            format!("change {written} is written and {loaded} loaded"),
            "read \"Traefik does not load what is published\" in docs/operations.md",
        ),
    }
}

/// A host that no tenant has gets the tenant port's page, if requests reach that at all.
async fn tenant_port(look: &Look<'_>) -> Finding {
    let check = Check::TenantPort;
    let Some(entry) = &look.settings.edge.entry_url else { return Finding::skipped(check, "traefik_url is not set") };
    let host = match Host::parse(&nobody(look)) {
        Ok(host) => host,
        Err(error) => return Finding::skipped(check, format!("host_suffix makes no host: {error}")),
    };
    let asked = async { Probe::new()?.ask_edge(entry, &host, "/").await };
    let advice = "look whether `gateway serve` runs, and whether Traefik reaches it at tenant_port_url";
    match asked.await {
        Ok(answer) if answer.page.is_some() => Finding::ok(check, "answers through Traefik"),
        Ok(answer) => {
            let found =
                format!("a host that nobody has got the status {} and not a page of the tenant port", answer.status);
            Finding::problem(check, found, advice)
        }
        Err(failure) => Finding::failed(check, &failure, advice),
    }
}

fn nobody(look: &Look<'_>) -> String {
    format!("nobody-{:08x}.{}", rand::random::<u32>(), look.settings.tenants.host_suffix)
}

async fn tenant_certificate(look: &Look<'_>) -> Finding {
    let check = Check::TenantCertificate;
    match &look.settings.edge.entry_url {
        None => Finding::skipped(check, "traefik_url is not set"),
        Some(entry) if is_https(entry) => {
            let name = nobody(look);
            certificate(
                check,
                &format!("*.{}", look.settings.tenants.host_suffix),
                certificate::look(entry, &name).await,
            )
        }
        Some(_) if look.is_production => Finding::warning(
            check,
            "traefik_url is http: what tenants' hosts get by https is not looked at",
            "set traefik_url to the https entry point, unless TLS ends before Traefik",
        ),
        Some(_) => Finding::skipped(check, "traefik_url is http"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::report::State;

    #[test]
    fn releases_are_compared_as_numbers() {
        for (version, state) in [
            ("3.7.12", State::Ok),
            ("v3.10.0", State::Ok),
            ("4.0.0-rc.1", State::Ok),
            ("3.7.9", State::Problem),
            ("3.6.20", State::Problem),
            ("dev", State::Problem),
        ] {
            assert_eq!(release(version).state, state, "{version}");
        }
    }

    #[test]
    fn a_tree_that_lags_is_a_problem() {
        assert_eq!(loaded_judged(Some((5, 5))).state, State::Ok);
        assert_eq!(loaded_judged(Some((5, 6))).state, State::Ok);
        assert_eq!(loaded_judged(Some((6, 5))).state, State::Problem);
        assert_eq!(loaded_judged(None).state, State::Problem);
    }
}
