//! Plans: the limits that tenants of one kind have in common, and what network they have.

use std::fmt;

use crate::domain::tenant::Tier;

/// What a tenant has whose creator names no plan.
pub const DEFAULT_PLAN: &str = "default";
/// Least and most connections an app's login may hold.
pub const CONNECTIONS: (i32, i32) = (1, 10_000);
/// Shortest and longest of the timeouts, in seconds.
pub const TIMEOUT_SECONDS: (i32, i32) = (1, 86_400);
/// Least and most memory of a container, in MiB.
pub const MEMORY_MIB: (i32, i32) = (16, 1_048_576);
/// Least and most CPUs of a container.
pub const CPUS: (f64, f64) = (0.01, 1024.0);
/// Least and most processes of a container.
pub const PIDS: (i32, i32) = (8, 1_000_000);

/// A plan's name: 1 to 40 of a-z, 0-9 and hyphen, with none at the ends. Never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanName(String);

impl PlanName {
    /// Parses a name; `None` where it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_fit = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let is_name = (1..=40).contains(&text.len()) && is_fit && !text.starts_with('-') && !text.ends_with('-');
        is_name.then(|| Self(text.to_owned()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether every control plane has it.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.0 == DEFAULT_PLAN
    }
}

impl fmt::Display for PlanName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The limits of a plan. `None` is what the settings of the worker say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlanLimits {
    /// Connections the app's login may hold.
    pub connections: Option<i32>,
    /// Longest time for a statement of the app, in seconds.
    pub statement_timeout_seconds: i32,
    /// Longest time for a transaction of the app to do nothing, in seconds.
    pub idle_in_transaction_timeout_seconds: i32,
    /// Memory of a dedicated tenant's container, in MiB.
    pub memory_mib: Option<i32>,
    /// CPUs of it.
    pub cpus: Option<f64>,
    /// Processes of it.
    pub pids: Option<i32>,
}

impl Default for PlanLimits {
    /// Those of the plan `default` as it is seeded.
    fn default() -> Self {
        Self {
            connections: None,
            statement_timeout_seconds: 60,
            idle_in_transaction_timeout_seconds: 60,
            memory_mib: None,
            cpus: None,
            pids: None,
        }
    }
}

/// `temp_file_limit` of every login, where the administrator may set it.
pub const TEMP_FILES: &str = "1GB";

/// What Docker network the tenants of a plan have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PlanNetwork {
    /// Each has one of its own.
    #[default]
    PerTenant,
    /// None of their own: they are on that of the pool that serves them.
    PerPool,
    /// None.
    None,
}

impl PlanNetwork {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::PerTenant, Self::PerPool, Self::None];

    /// The word in SQL, API and CLI.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PerTenant => "per-tenant",
            Self::PerPool => "per-pool",
            Self::None => "none",
        }
    }

    /// The choice a word names.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|network| network.as_str() == word)
    }

    /// What a tenant of the plan has that is served so: a dedicated one has its own, as its container is on it.
    #[must_use]
    pub const fn of(self, tier: Tier) -> Self {
        match tier {
            Tier::Shared => self,
            Tier::Dedicated => Self::PerTenant,
        }
    }
}

impl fmt::Display for PlanNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a plan allows the login of its tenants' apps, with the settings filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoleLimits {
    /// Connections it may hold.
    pub connections: i32,
    /// Longest time for a statement, in seconds.
    pub statement_timeout_seconds: i32,
    /// Longest time for a transaction to do nothing, in seconds.
    pub idle_in_transaction_timeout_seconds: i32,
}

impl RoleLimits {
    /// The settings that differ by plan, as `pg_db_role_setting` holds them.
    #[must_use]
    pub fn settings(&self) -> [String; 2] {
        [
            format!("statement_timeout={}s", self.statement_timeout_seconds),
            format!("idle_in_transaction_session_timeout={}s", self.idle_in_transaction_timeout_seconds),
        ]
    }
}

impl PlanLimits {
    /// The part that is the database server's, for a worker whose setting allows so many connections.
    #[must_use]
    pub fn of_role(&self, connections: i32) -> RoleLimits {
        RoleLimits {
            connections: self.connections.unwrap_or(connections),
            statement_timeout_seconds: self.statement_timeout_seconds,
            idle_in_transaction_timeout_seconds: self.idle_in_transaction_timeout_seconds,
        }
    }
}

/// What plan to make.
#[derive(Clone, Debug, PartialEq)]
pub struct NewPlan {
    /// Its name.
    pub name: PlanName,
    /// What people read.
    pub title: String,
    /// Only tenants served so may have it; `None` for all. Never changes.
    pub tier: Option<Tier>,
    /// Its limits.
    pub limits: PlanLimits,
    /// What network its tenants have.
    pub network: PlanNetwork,
}

/// What to change of a plan; `None` leaves it as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PlanEdit {
    /// What people read.
    pub title: Option<String>,
    /// See [`PlanLimits::connections`]; `Some(None)` leaves it to the settings.
    pub connections: Option<Option<i32>>,
    /// See [`PlanLimits::statement_timeout_seconds`].
    pub statement_timeout_seconds: Option<i32>,
    /// See [`PlanLimits::idle_in_transaction_timeout_seconds`].
    pub idle_in_transaction_timeout_seconds: Option<i32>,
    /// See [`PlanLimits::memory_mib`].
    pub memory_mib: Option<Option<i32>>,
    /// See [`PlanLimits::cpus`].
    pub cpus: Option<Option<f64>>,
    /// See [`PlanLimits::pids`].
    pub pids: Option<Option<i32>>,
    /// What network its tenants have.
    pub network: Option<PlanNetwork>,
}

impl PlanEdit {
    /// The limits after the edit.
    #[must_use]
    pub fn apply(&self, limits: PlanLimits) -> PlanLimits {
        PlanLimits {
            connections: self.connections.unwrap_or(limits.connections),
            statement_timeout_seconds: self.statement_timeout_seconds.unwrap_or(limits.statement_timeout_seconds),
            idle_in_transaction_timeout_seconds: self
                .idle_in_transaction_timeout_seconds
                .unwrap_or(limits.idle_in_transaction_timeout_seconds),
            memory_mib: self.memory_mib.unwrap_or(limits.memory_mib),
            cpus: self.cpus.unwrap_or(limits.cpus),
            pids: self.pids.unwrap_or(limits.pids),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_the_form_that_the_row_demands() {
        for good in ["a", "gold", "gold-2", &"a".repeat(40)] {
            assert!(PlanName::parse(good).is_some(), "{good}");
        }
        for bad in ["", "-a", "a-", "A", "a b", "a_b", &"a".repeat(41)] {
            assert!(PlanName::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_settings_fill_in_what_a_plan_leaves_open() {
        let limits = PlanLimits::default();
        assert_eq!(limits.of_role(20).connections, 20);
        assert_eq!(PlanLimits { connections: Some(3), ..limits }.of_role(20).connections, 3);
        let edit = PlanEdit { connections: Some(Some(3)), pids: Some(None), ..PlanEdit::default() };
        let before = PlanLimits { pids: Some(9), memory_mib: Some(64), ..limits };
        let after = PlanLimits { connections: Some(3), memory_mib: Some(64), ..limits };
        assert_eq!(edit.apply(before), after);
    }

    #[test]
    fn a_dedicated_tenant_has_its_own_network_whatever_its_plan_says() {
        for network in PlanNetwork::ALL {
            assert_eq!(PlanNetwork::parse(network.as_str()), Some(network));
            assert_eq!(network.of(Tier::Dedicated), PlanNetwork::PerTenant);
            assert_eq!(network.of(Tier::Shared), network);
        }
        assert_eq!(PlanNetwork::parse("host"), None);
    }
}
