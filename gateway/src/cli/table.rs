//! Data as people and programs read it.

mod pool;

use std::collections::BTreeMap;

use comfy_table::Table;
use comfy_table::presets::NOTHING;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::api::types::{
    ApiKey, AuditEntry, Batch, BatchTenant, DatabaseServer, Event, Operation, Orphan, Plan, RoleScopes, Session,
    Signup, Step, Tenant, TenantError, User,
};
use crate::cli::arguments::Output;
use crate::cli::report::{Collected, Drift, Object, PoolDrift, Reconciled, Resealed};
use crate::cli::terminal::Terminal;
use crate::domain::status::Status;

pub(super) use pool::{pool, pool_members, pools};

/// Stands where there is nothing.
pub(super) const NONE: &str = "-";

/// Rows in columns, below a header where there is one.
pub(super) fn aligned(header: Option<&[&str]>, rows: Vec<Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING);
    if let Some(header) = header {
        table.set_header(header.iter().map(|name| name.to_uppercase()));
    }
    table.add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// A point in time, to the second.
pub(super) fn time(at: Timestamp) -> String {
    format!("{at:.0}")
}

/// A value, or the sign that there is none.
pub(super) fn optional<T: ToString>(value: Option<&T>) -> String {
    value.map_or_else(|| NONE.to_owned(), ToString::to_string)
}

/// A superseded operation failed in no step.
fn trouble(error: &TenantError) -> String {
    if error.step.is_empty() { error.code.clone() } else { format!("{}: {}", error.step, error.code) }
}

/// Prints a value as JSON, or as its table.
pub(super) fn print<T: Serialize>(terminal: &Terminal, output: Output, value: &T, table: impl FnOnce(&T) -> String) {
    let text = match output {
        Output::Table => table(value),
        Output::Json => serde_json::to_string_pretty(value).unwrap_or_default() + "\n",
    };
    terminal.print(&text);
}

fn state(tenant: &Tenant) -> String {
    if tenant.paused { format!("{} (paused)", tenant.status) } else { tenant.status.to_string() }
}

/// One line for each tenant. Deleted ones are found by id only, so theirs is shown in place of the URL.
pub(super) fn tenants(items: &[Tenant]) -> String {
    let row = |tenant: &Tenant| {
        let trouble = tenant.error.as_ref().map(trouble);
        vec![
            tenant.key.clone(),
            state(tenant),
            tenant.tier.to_string(),
            if tenant.status == Status::Deleted { tenant.id.to_string() } else { optional(tenant.url.as_ref()) },
            tenant.company_name.clone(),
            time(tenant.created_at),
            optional(trouble.as_ref()),
        ]
    };
    let header = ["key", "status", "tier", "url or id", "company", "created", "error"];
    aligned(Some(&header), items.iter().map(row).collect())
}

/// One line for each field of a tenant.
pub(super) fn tenant(tenant: &Tenant) -> String {
    let operation = tenant.operation.as_ref().map(|op| format!("{} {} ({})", op.kind, op.state, op.id));
    let error = tenant.error.as_ref().map(|error| format!("{} in {}: {}", error.code, error.step, error.message));
    let rows = [
        ("key", tenant.key.clone()),
        ("id", tenant.id.to_string()),
        ("company", tenant.company_name.clone()),
        ("labels", if tenant.labels.is_empty() { NONE.to_owned() } else { labels(&tenant.labels) }),
        ("notes", if tenant.notes.is_empty() { NONE.to_owned() } else { tenant.notes.clone() }),
        ("status", state(tenant)),
        ("tier", tenant.tier.to_string()),
        ("plan", tenant.plan.clone()),
        ("url", optional(tenant.url.as_ref())),
        ("server", optional(tenant.server.as_ref())),
        ("database", optional(tenant.database.as_ref())),
        ("migration", optional(tenant.migration_version.as_ref())),
        ("network", network(tenant)),
        ("subnet", optional(tenant.subnet.as_ref())),
        ("image", optional(tenant.container_image.as_ref())),
        ("pool", optional(tenant.pool_id.as_ref())),
        ("route", if tenant.route_pinned { "pinned" } else { "by the routing mode" }.to_owned()),
        ("operation", optional(operation.as_ref())),
        ("reason", optional(tenant.reason.as_ref())),
        ("error", optional(error.as_ref())),
        ("created", time(tenant.created_at)),
        ("updated", time(tenant.updated_at)),
        ("purge at", optional(tenant.purge_at.map(time).as_ref())),
        ("deleted", optional(tenant.deleted_at.map(time).as_ref())),
    ];
    aligned(None, rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect())
}

/// What network a tenant is to have, and its name once it is made.
fn network(tenant: &Tenant) -> String {
    let word = tenant.network.to_string();
    tenant.network_name.as_ref().map_or_else(|| word.clone(), |name| format!("{word} ({name})"))
}

fn labels(labels: &BTreeMap<String, String>) -> String {
    labels.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
}

/// One line for each database server.
pub(super) fn servers(items: &[DatabaseServer]) -> String {
    let row = |server: &DatabaseServer| {
        vec![
            server.name.clone(),
            server.state.to_string(),
            server.address.clone(),
            server.capacity.map_or_else(|| server.tenants.to_string(), |most| format!("{} of {most}", server.tenants)),
            server.weight.to_string(),
            server.problem.clone().unwrap_or_else(|| "reached".to_owned()),
            if server.region.is_empty() { NONE.to_owned() } else { server.region.clone() },
            if server.from_settings { "settings".to_owned() } else { "here".to_owned() },
            server.id.to_string(),
            time(server.created_at),
        ]
    };
    let header = ["name", "state", "address", "tenants", "weight", "workers", "region", "set in", "id", "created"];
    aligned(Some(&header), items.iter().map(row).collect())
}

/// One line for each plan. A limit that the settings say is not shown.
pub(super) fn plans(items: &[Plan]) -> String {
    let row = |plan: &Plan| {
        vec![
            plan.name.clone(),
            plan.title.clone(),
            plan.tier.map_or_else(|| "any".to_owned(), |tier| tier.to_string()),
            plan.network.to_string(),
            optional(plan.connection_limit.as_ref()),
            format!("{} s", plan.statement_timeout_seconds),
            format!("{} s", plan.idle_in_transaction_timeout_seconds),
            optional(plan.memory_mib.map(|memory| format!("{memory} MiB")).as_ref()),
            optional(plan.cpus.as_ref()),
            optional(plan.pids.as_ref()),
            plan.tenants.to_string(),
        ]
    };
    let header =
        ["name", "title", "tier", "network", "connections", "statement", "idle", "memory", "cpus", "pids", "tenants"];
    aligned(Some(&header), items.iter().map(row).collect())
}

/// One line for each signup.
pub(super) fn signups(items: &[Signup]) -> String {
    let row = |signup: &Signup| {
        vec![
            signup.id.to_string(),
            signup.state.to_string(),
            signup.key.clone(),
            signup.company_name.clone(),
            optional(signup.email.as_ref()),
            time(signup.created_at),
            optional(signup.expires_at.map(time).as_ref()),
        ]
    };
    let header = ["id", "state", "key", "company", "email", "created", "waits until"];
    aligned(Some(&header), items.iter().map(row).collect())
}

/// One line for each field of a signup.
pub(super) fn signup(signup: &Signup) -> String {
    let rows = [
        ("id", signup.id.to_string()),
        ("state", signup.state.to_string()),
        ("key", signup.key.clone()),
        ("company", signup.company_name.clone()),
        ("email", optional(signup.email.as_ref())),
        ("proved", optional(signup.proved_at.map(time).as_ref())),
        ("contact", optional(signup.contact_name.as_ref())),
        ("phone", optional(signup.contact_phone.as_ref())),
        ("tenant", optional(signup.tenant_id.as_ref())),
        ("decided by", optional(signup.decided_by.as_ref())),
        ("reason", optional(signup.reason.as_ref())),
        ("created", time(signup.created_at)),
        ("waits until", optional(signup.expires_at.map(time).as_ref())),
        ("ended", optional(signup.ended_at.map(time).as_ref())),
    ];
    aligned(None, rows.into_iter().map(|(name, value)| vec![name.to_owned(), value]).collect())
}

/// One line for each batch.
pub(super) fn batches(items: &[Batch]) -> String {
    let row = |batch: &Batch| {
        let counts = batch.counts;
        vec![
            batch.id.to_string(),
            batch.verb.to_string(),
            batch.state.to_string(),
            (counts.waiting + counts.running).to_string(),
            counts.succeeded.to_string(),
            counts.failed.to_string(),
            counts.refused.to_string(),
            counts.left.to_string(),
            batch.requested_by.clone(),
            time(batch.created_at),
        ]
    };
    let header = ["id", "verb", "state", "open", "succeeded", "failed", "refused", "left", "asked by", "created"];
    aligned(Some(&header), items.iter().map(row).collect())
}

/// A batch and its tenants.
pub(super) fn batch(batch: &Batch) -> String {
    let head = batches(std::slice::from_ref(batch));
    let row = |tenant: &BatchTenant| {
        let trouble = tenant.error.as_ref().map(|error| format!("{}: {}", error.code, error.message));
        vec![
            tenant.tenant_key.clone(),
            tenant.state.to_string(),
            optional(tenant.operation_id.as_ref()),
            optional(trouble.as_ref()),
        ]
    };
    let rows = batch.tenants.iter().flatten().map(row).collect();
    format!("{head}\n{}", aligned(Some(&["tenant", "state", "operation", "error"]), rows))
}

/// One line for each API key.
pub(super) fn api_keys(items: &[ApiKey]) -> String {
    let row = |key: &ApiKey| {
        let state = match (key.revoked_at, key.expires_at) {
            (Some(at), _) => format!("revoked {}", time(at)),
            (None, Some(at)) if at <= Timestamp::now() => format!("over since {}", time(at)),
            (None, Some(at)) => format!("until {}", time(at)),
            (None, None) => "works".to_owned(),
        };
        let is_limited = key.tenants.is_some() || key.pools.is_some();
        vec![
            key.id.clone(),
            key.name.clone(),
            key.scopes.join(" "),
            if is_limited { "some".to_owned() } else { "all".to_owned() },
            state,
            optional(key.last_used_at.map(time).as_ref()),
            key.created_by.clone(),
        ]
    };
    let header = ["id", "name", "scopes", "tenants", "state", "last used", "made by"];
    aligned(Some(&header), items.iter().map(row).collect())
}

/// One line for each person.
pub(super) fn users(items: &[User]) -> String {
    let row = |user: &User| {
        let until = user.invited_until.map(|at| format!("{} until {}", user.state, time(at)));
        vec![
            user.email.clone(),
            optional(Some(&user.name).filter(|name| !name.is_empty())),
            user.role.to_string(),
            until.unwrap_or_else(|| user.state.to_string()),
            if user.totp_enabled { "on".to_owned() } else { "off".to_owned() },
            optional(user.last_login_at.map(time).as_ref()),
            user.id.to_string(),
        ]
    };
    let header = ["email", "name", "role", "state", "totp", "last login", "id"];
    aligned(Some(&header), items.iter().map(row).collect())
}

/// One line for each role.
pub(super) fn roles(items: &[RoleScopes]) -> String {
    let row = |role: &RoleScopes| vec![role.role.to_string(), role.scopes.join(" ")];
    aligned(Some(&["role", "scopes"]), items.iter().map(row).collect())
}

/// One line for each login of a person.
pub(super) fn sessions(items: &[Session]) -> String {
    let row = |session: &Session| {
        vec![
            session.id.to_string(),
            time(session.created_at),
            time(session.last_seen_at),
            time(session.expires_at),
            session.address.clone(),
            optional(Some(&session.user_agent).filter(|agent| !agent.is_empty())),
        ]
    };
    let header = ["id", "began", "last seen", "ends", "from", "browser"];
    aligned(Some(&header), items.iter().map(row).collect())
}

/// One line for each entry of the audit log.
pub(super) fn audit(items: &[AuditEntry]) -> String {
    let row = |entry: &AuditEntry| {
        vec![
            entry.id.to_string(),
            time(entry.at),
            entry.actor.clone(),
            entry.address.clone(),
            entry.call.clone(),
            entry.target.clone().unwrap_or_else(|| entry.path.clone()),
            entry.code.as_ref().map_or_else(|| entry.status.to_string(), |code| format!("{} {code}", entry.status)),
        ]
    };
    let header = ["id", "at", "actor", "from", "call", "target", "answer"];
    aligned(Some(&header), items.iter().map(row).collect())
}

fn event_row(event: &Event) -> Vec<String> {
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let data: Vec<String> = event.data.iter().map(|(name, value)| format!("{name}={}", word(value))).collect();
    vec![
        event.id.to_string(),
        time(event.at),
        event.kind.to_string(),
        optional(event.tenant_key.as_ref()),
        event.actor.clone(),
        if data.is_empty() { NONE.to_owned() } else { data.join(" ") },
    ]
}

/// One line for each event.
pub(super) fn events(items: &[Event]) -> String {
    let header = ["id", "at", "kind", "tenant", "actor", "what"];
    aligned(Some(&header), items.iter().map(event_row).collect())
}

/// The line of an event that comes alone.
pub(super) fn event(event: &Event) -> String {
    event_row(event).join("  ") + "\n"
}

/// One line for each operation.
pub(super) fn operations(items: &[Operation]) -> String {
    let row = |operation: &Operation| {
        let trouble = operation.error.as_ref().map(trouble);
        vec![
            operation.id.to_string(),
            operation.tenant_key.clone(),
            operation.kind.to_string(),
            operation.state.to_string(),
            operation.attempt.to_string(),
            operation.reason.clone().unwrap_or_else(|| operation.requested_by.clone()),
            time(operation.created_at),
            optional(trouble.as_ref()),
        ]
    };
    let header = ["id", "tenant", "kind", "state", "attempt", "asked by, or why", "created", "error"];
    aligned(Some(&header), items.iter().map(row).collect())
}

/// An operation and its steps.
pub(super) fn operation(operation: &Operation) -> String {
    let steps = operation.steps.as_deref().unwrap_or_default();
    let head = operations(std::slice::from_ref(operation));
    if steps.is_empty() {
        return head;
    }
    let row = |step: &Step| {
        let trouble = step.error.as_ref().map(|error| format!("{}: {}", error.code, error.message));
        vec![
            step.attempt.to_string(),
            step.step.to_string(),
            step.action.to_string(),
            step.state.to_string(),
            optional(step.duration_ms.map(milliseconds).as_ref()),
            optional(trouble.as_ref()),
        ]
    };
    let header = ["attempt", "step", "action", "state", "took", "error"];
    format!("{head}\n{}", aligned(Some(&header), steps.iter().map(row).collect()))
}

/// A time as people read it.
pub(super) fn milliseconds(ms: f64) -> String {
    if ms < 10.0 {
        format!("{ms:.1} ms")
    } else if ms < 10_000.0 {
        format!("{ms:.0} ms")
    } else {
        format!("{:.1} s", ms / 1000.0)
    }
}

/// One line for each object without an owner.
pub(super) fn orphans(items: &[Orphan]) -> String {
    let row = |orphan: &Orphan| {
        vec![
            orphan.kind.to_string(),
            orphan.place.clone(),
            orphan.name.clone(),
            optional(orphan.tenant_id.as_ref()),
            time(orphan.first_seen_at),
            optional(orphan.condemned_at.map(time).as_ref()),
        ]
    };
    let header = ["kind", "place", "name", "tenant", "first seen", "condemned"];
    aligned(Some(&header), items.iter().map(row).collect())
}

/// What a look for drift found.
pub(super) fn reconciled(found: &Reconciled) -> String {
    let differs = |drift: &Drift| {
        let fate = if drift.repaired { "repair asked for" } else { "left as it is" };
        vec![drift.tenant_key.clone(), drift.kind.clone(), drift.what.clone(), fate.to_owned()]
    };
    let ownerless = |object: &Object| {
        vec![
            NONE.to_owned(),
            object.kind.clone(),
            format!("{} on {}", object.name, object.place),
            "no owner".to_owned(),
        ]
    };
    let of_pool = |drift: &PoolDrift| {
        let fate = if drift.repaired { "repair asked for" } else { "left as it is" };
        vec![NONE.to_owned(), "pool".to_owned(), format!("{}: {}", drift.pool, drift.what), fate.to_owned()]
    };
    let of_pools = found.pools.iter().map(of_pool);
    let rows = found.drift.iter().map(differs).chain(of_pools).chain(found.orphans.iter().map(ownerless)).collect();
    aligned(Some(&["tenant", "kind", "what", "done"]), rows)
}

/// What a collection removed, or would, and what it kept.
pub(super) fn collected(done: &Collected) -> String {
    let fate = if done.dry_run { "would go" } else { "removed" };
    let row =
        |object: &Object, fate: String| vec![object.kind.clone(), object.place.clone(), object.name.clone(), fate];
    let gone = done.collected.iter().map(|object| row(object, fate.to_owned()));
    let kept = done.kept.iter().map(|object| {
        let why = object.why.as_ref().map(|why| format!(": {why}"));
        row(object, format!("kept{}", why.unwrap_or_default()))
    });
    aligned(Some(&["kind", "place", "name", "fate"]), gone.chain(kept).collect())
}

/// How many secrets each key has sealed, and which of the keys seals.
pub(super) fn sealed_by(done: &Resealed) -> String {
    let rows = done.sealed_by.iter().map(|(key, count)| {
        let role = if *key == done.key { "seals" } else { "opens" };
        vec![key.clone(), role.to_owned(), count.to_string()]
    });
    aligned(Some(&["key", "role", "secrets"]), rows.collect())
}
