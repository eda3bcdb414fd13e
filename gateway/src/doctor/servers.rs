//! The PostgreSQL servers that tenants are placed on.

use futures::future::join_all;

use crate::doctor::Look;
use crate::doctor::control::{OLDEST_RELEASE, release_text};
use crate::doctor::report::{Check, Finding, State};
use crate::domain::failure::Failure;
use crate::infra::measure::ServerSize;
use crate::infra::powers::Powers;
use crate::provision::run::store_failure;
use crate::provision::servers::{KnownServer, TenantServers};
use crate::store::Store;
use crate::store::capacity::ServerUse;

/// Of the connections that tenants can have, the part that may be open at most.
const FULL: i64 = 90;

/// What one server told.
struct Seen {
    name: String,
    told: Option<Result<(Powers, ServerSize), Failure>>,
}

/// Looks at every server that has a row.
pub(super) async fn look(look: &Look<'_>) -> Vec<Finding> {
    let Some(store) = &look.store else { return Vec::new() };
    match read(look, store).await {
        Ok((seen, uses, unknown)) => judge(&seen, &uses, &unknown),
        Err(failure) => vec![Finding::failed(Check::DatabaseServers, &failure, "look at the control database")],
    }
}

async fn read(look: &Look<'_>, store: &Store) -> Result<(Vec<Seen>, Vec<ServerUse>, Vec<String>), Failure> {
    let installation = store.installation().await.map_err(store_failure)?;
    let servers = TenantServers::new(&look.settings.tenant_server, installation)?;
    let known = servers.known(store).await?;
    let unknown =
        servers.names().into_iter().filter(|name| !known.iter().any(|one| one.name.as_str() == name)).collect();
    let uses = store.server_use(servers.connection_limit()).await.map_err(store_failure)?;
    Ok((join_all(known.into_iter().map(ask)).await, uses, unknown))
}

async fn ask(known: KnownServer) -> Seen {
    let told = match &known.held {
        None => None,
        Some(held) => {
            Some(async { Ok((held.server.look_at_powers().await?, held.server.measure(false).await?)) }.await)
        }
    };
    Seen { name: known.name.to_string(), told }
}

/// `unknown` are names of settings that no row has.
fn judge(seen: &[Seen], uses: &[ServerUse], unknown: &[String]) -> Vec<Finding> {
    let mut found = vec![reached(seen, unknown)];
    let told: Vec<(&str, &(Powers, ServerSize))> =
        seen.iter().filter_map(|one| Some((one.name.as_str(), one.told.as_ref()?.as_ref().ok()?))).collect();
    if !told.is_empty() {
        found.push(worst(Check::ServerPrivileges, told.iter().map(|(name, (powers, _))| privileges(name, *powers))));
        found.push(worst(
            Check::ServerConnections,
            told.iter().map(|(name, (_, size))| {
                let promised = uses.iter().find(|one| one.name == **name).map_or(0, |one| one.promised);
                connections(name, size, promised)
            }),
        ));
    }
    found
}

/// Of several servers the one that is worst off speaks for all.
fn worst(check: Check, findings: impl Iterator<Item = Finding>) -> Finding {
    let rank = |finding: &Finding| match finding.state {
        State::Problem => 3,
        State::Warning => 2,
        State::Ok => 1,
        State::Skipped => 0,
    };
    findings.max_by_key(rank).unwrap_or_else(|| Finding::skipped(check, "no server told"))
}

fn reached(seen: &[Seen], unknown: &[String]) -> Finding {
    let check = Check::DatabaseServers;
    let mut trouble = Vec::new();
    for one in seen {
        match &one.told {
            None => trouble.push(format!("{}: these settings hold no credential of it", one.name)),
            Some(Err(failure)) => trouble.push(format!("{}: {} ({})", one.name, failure.message, failure.code)),
            Some(Ok((powers, _))) if powers.release < OLDEST_RELEASE => {
                trouble.push(format!("{}: {} is not supported", one.name, release_text(powers.release)));
            }
            Some(Ok(_)) => {}
        }
    }
    if seen.is_empty() {
        let found = "none is known, so no tenant can be placed";
        return Finding::problem(check, found, "start a worker, which makes the one of tenant_database_url known");
    }
    if !trouble.is_empty() {
        let advice = "correct tenant_database_url and tenant_database_urls, or look why the server does not answer";
        return Finding::problem(check, trouble.join("; "), advice);
    }
    if !unknown.is_empty() {
        let found = format!("credentials are set for servers that are not known: {}", unknown.join(", "));
        return Finding::warning(check, found, "make them known by `gatewayctl server create`, or correct their names");
    }
    let names: Vec<&str> = seen.iter().map(|one| one.name.as_str()).collect();
    Finding::ok(check, format!("reached: {}", names.join(", ")))
}

fn privileges(name: &str, powers: Powers) -> Finding {
    let check = Check::ServerPrivileges;
    if powers.is_superuser {
        return Finding::ok(check, format!("{name}: the administrator is a superuser"));
    }
    let lacks = |rights: [(bool, &'static str); 2]| -> Vec<&str> {
        rights.into_iter().filter(|(is_there, _)| !is_there).map(|(_, right)| right).collect()
    };
    let needed = lacks([(powers.makes_databases, "CREATEDB"), (powers.makes_roles, "CREATEROLE")]);
    if !needed.is_empty() {
        let found = format!("{name}: the administrator lacks {}", needed.join(" and "));
        return Finding::problem(check, found, "give it these rights by ALTER ROLE");
    }
    let useful = lacks([(powers.ends_sessions, "pg_signal_backend"), (powers.sees_sessions, "pg_read_all_stats")]);
    if !useful.is_empty() {
        let found = format!("{name}: the administrator works, and better with {}", useful.join(" and "));
        return Finding::warning(check, found, "grant it what docs/deploy/managed-postgresql.md names");
    }
    Finding::ok(check, format!("{name}: the administrator may make databases and roles"))
}

fn connections(name: &str, size: &ServerSize, promised: i64) -> Finding {
    let check = Check::ServerConnections;
    let usable = size.max_connections - size.reserved_connections;
    let open = size.open_connections;
    if open.saturating_mul(100) >= usable.saturating_mul(FULL) {
        let found = format!("{name}: {open} of {usable} connections are open");
        return Finding::problem(check, found, "raise max_connections, or lower what plans allow");
    }
    if promised > usable {
        let found =
            format!("{name}: plans promise {promised} connections and the server takes {usable}; {open} are open");
        let advice =
            "usual where most apps hold few: watch pg_stat_activity; raise max_connections or lower what plans allow";
        return Finding::warning(check, found, advice);
    }
    Finding::ok(check, format!("{name}: plans promise {promised} of {usable} connections; {open} are open"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_server_speaks_for_all() {
        let size = |open_connections| ServerSize {
            max_connections: 100,
            reserved_connections: 3,
            open_connections,
            databases: 0,
            databases_bytes: None,
        };
        let states =
            [(10, 20), (10, 98), (96, 0)].map(|(open, promised)| connections("a", &size(open), promised).state);
        assert_eq!(states, [State::Ok, State::Warning, State::Problem]);
        let check = Check::ServerConnections;
        let all = [connections("a", &size(96), 0), connections("b", &size(1), 0)];
        assert!(worst(check, all.into_iter()).found.starts_with("a:"));
    }
}
