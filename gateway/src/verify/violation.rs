//! What an audit says.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::domain::failure::Failure;
use crate::domain::ids::TenantId;
use crate::domain::server::ServerName;
use crate::inventory::rows::Rows;
use crate::store::fleet::TenantRow;

/// What is promised, by number; `gateway/docs/verify.md` says what is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Invariant {
    /// An active tenant is served, whole.
    I1,
    /// A tenant that is not to be served is not.
    I2,
    /// No two tenants share anything of their own.
    I3,
    /// No data goes before its time.
    I5,
    /// Nothing happens under an older claim after a younger one began.
    I8,
    /// Nothing stands anywhere without an owner.
    I12,
    /// Every change of status is recorded and legal.
    I13,
    /// What is published follows from the rows.
    I28,
}

/// One thing that is not as promised. Holds no secret.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Violation {
    /// The promise.
    pub invariant: Invariant,
    /// Whose it is, where it is one tenant's.
    pub tenant_id: Option<TenantId>,
    /// That tenant's key, where there is or was such a tenant.
    pub tenant_key: Option<String>,
    /// What is wrong, in words for people.
    pub what: String,
    /// What should be there.
    pub expected: Value,
    /// What is there.
    pub found: Value,
}

impl Violation {
    /// About a tenant with a row.
    #[must_use]
    pub fn of(
        invariant: Invariant,
        row: &TenantRow,
        what: &str,
        expected: impl Into<Value>,
        found: impl Into<Value>,
    ) -> Self {
        Self {
            invariant,
            tenant_id: Some(row.id),
            tenant_key: Some(row.key.to_string()),
            what: what.to_owned(),
            expected: expected.into(),
            found: found.into(),
        }
    }

    /// About an object that carries a tenant's id, or none.
    #[must_use]
    pub fn about(
        invariant: Invariant,
        rows: &Rows,
        tenant: Option<TenantId>,
        what: &str,
        expected: impl Into<Value>,
        found: impl Into<Value>,
    ) -> Self {
        let tenant_key = tenant.and_then(|id| key_of(rows, id));
        let (expected, found) = (expected.into(), found.into());
        Self { invariant, tenant_id: tenant, tenant_key, what: what.to_owned(), expected, found }
    }
}

fn key_of(rows: &Rows, tenant: TenantId) -> Option<String> {
    let live = rows.tenants.get(&tenant).map(|row| row.key.to_string());
    live.or_else(|| rows.tombstones.get(&tenant).map(|row| row.key.clone()))
}

/// A place that could not be looked at, so that nothing is said about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct UnknownSource {
    /// `rows`, `catalog`, `engine`, `tree`, `edge`, `traefik`, `databases`, `migrations` or `records`.
    pub source: &'static str,
    /// The failure's code; listed in `gateway/docs/errors.md`.
    pub code: String,
    /// One sentence for the operator.
    pub message: String,
}

/// The outcome of an audit.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// When it ended.
    pub checked_at: Timestamp,
    /// Tenants it was about that are not deleted.
    pub tenants: usize,
    /// Those left out of checks of state, as work is open on them or they changed meanwhile.
    pub settling: BTreeSet<TenantId>,
    /// What is not as promised, by promise and tenant.
    pub violations: Vec<Violation>,
    /// What could not be looked at.
    pub unknown: Vec<UnknownSource>,
    /// What was left out because a setting or an option says so.
    pub skipped: Vec<String>,
}

impl Report {
    /// Whether everything was looked at and is as promised.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.violations.is_empty() && self.unknown.is_empty()
    }
}

/// What checks leave behind.
#[derive(Debug, Default)]
pub struct Findings {
    /// What is wrong.
    pub violations: Vec<Violation>,
    /// What could not be looked at; the same failure of the same place once.
    pub unknown: BTreeSet<UnknownSource>,
}

impl Findings {
    /// Notes a place that could not be looked at, with its cause in the log, where the same is not noted yet.
    pub fn unknown(&mut self, source: &'static str, failure: &Failure) {
        let (code, message) = (failure.code.to_owned(), failure.message.clone());
        if self.unknown.insert(UnknownSource { source, code, message }) {
            tracing::warn!(source, code = failure.code, cause = failure.cause_chain(), "{failure}");
        }
    }

    /// Notes a database server that could not be looked at.
    pub fn unknown_server(&mut self, name: &ServerName, failure: &Failure) {
        tracing::warn!(source = "catalog", server = %name, code = failure.code, cause = failure.cause_chain(), "{failure}");
        let message = format!("database server {name}: {}", failure.message);
        self.unknown.insert(UnknownSource { source: "catalog", code: failure.code.to_owned(), message });
    }
}
