//! What is checked, and what was found.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use crate::domain::failure::Failure;

/// Declares the checks: their codes, and the check without which each says nothing.
macro_rules! checks {
    ($($(#[$doc:meta])* $name:ident => $code:literal $(after $before:ident)?,)*) => {
        /// One thing that is looked at. Its code is stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Check { $($(#[$doc])* $name,)* }

        impl Check {
            /// All of them, in the order in which they are told.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The stable word for it.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The check that has to be in order before this one can be made.
            const fn before(self) -> Option<Self> {
                match self { $(Self::$name => checks!(@before $($before)?),)* }
            }
        }
    };
    (@before) => { None };
    (@before $before:ident) => { Some(Self::$before) };
}

checks! {
    /// Whether the process runs as production.
    Environment => "environment",
    /// What production refuses of the settings.
    Settings => "settings",
    /// Whether the control database answers.
    ControlDatabase => "control_database",
    /// Whether its schema is that of this program.
    ControlSchema => "control_schema" after ControlDatabase,
    /// Its server's release.
    ControlRelease => "control_release" after ControlDatabase,
    /// Its server's clock beside that of this machine.
    ControlClock => "control_clock" after ControlDatabase,
    /// Whether the way to it is encrypted.
    ControlTls => "control_tls" after ControlDatabase,
    /// What can be known of its backups.
    ControlArchive => "control_archive" after ControlDatabase,
    /// Whether the settings hold every key that sealed something.
    SecretKeys => "secret_keys" after ControlSchema,
    /// Whether somebody may do everything.
    Owner => "owner" after ControlSchema,
    /// Whether a password that was printed still waits for its first use.
    FirstPassword => "first_password" after ControlSchema,
    /// Whether API keys end.
    ApiKeys => "api_keys" after ControlSchema,
    /// Whether the Redis of the routes answers.
    Redis => "redis",
    /// As whom the gateway logs in there.
    RedisUser => "redis_user" after Redis,
    /// Whether it keeps routes over a restart.
    RedisPersistence => "redis_persistence" after Redis,
    /// Whether it may throw routes away.
    RedisEviction => "redis_eviction" after Redis,
    /// Whether it tells Traefik of every key.
    RedisEvents => "redis_events" after Redis,
    /// Whether somebody else uses its database.
    RedisAlone => "redis_alone" after Redis,
    /// Whether the Redis of the limits counts.
    LimitsRedis => "limits_redis",
    /// Whether Traefik's API answers.
    Traefik => "traefik",
    /// Traefik's release.
    TraefikRelease => "traefik_release" after Traefik,
    /// Whether Traefik has this control plane's tree.
    TraefikTree => "traefik_tree" after Traefik,
    /// Whether it has loaded what was written last.
    TraefikLoaded => "traefik_loaded" after TraefikTree,
    /// Whether it has the entry point of the tenants.
    TraefikEntry => "traefik_entry" after Traefik,
    /// Whether the tenant port answers through Traefik.
    TenantPort => "tenant_port",
    /// The certificate that tenants' hosts get.
    TenantCertificate => "tenant_certificate",
    /// Whether the tenants' database servers are reached.
    DatabaseServers => "database_servers" after ControlSchema,
    /// Whether their administrators may do what is needed.
    ServerPrivileges => "server_privileges" after DatabaseServers,
    /// Whether they take the connections that plans promise.
    ServerConnections => "server_connections" after DatabaseServers,
    /// Whether Docker Engine answers.
    Engine => "engine",
    /// Whether it holds the image of dedicated tenants.
    EngineImage => "engine_image" after Engine,
    /// Whether networks are kept apart as the settings say.
    EngineIsolation => "engine_isolation" after Engine,
    /// Whether a worker was there lately.
    Workers => "workers" after ControlSchema,
    /// Whether work waits.
    Queue => "queue" after ControlSchema,
    /// Whether the mail server takes mail.
    Mail => "mail",
    /// Whether people reach the console by https, and for how long.
    Console => "console",
}

impl Serialize for Check {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it should be.
    Ok,
    /// It may be right, and somebody should know.
    Warning,
    /// Not ready.
    Problem,
    /// Not looked at; `found` says why.
    Skipped,
}

/// What a look found. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub code: Check,
    /// How it is.
    pub state: State,
    /// What was found, for people.
    pub found: String,
    /// What to do about it; `None` where nothing is to be done.
    pub advice: Option<String>,
}

impl Finding {
    /// As it should be.
    #[must_use]
    pub fn ok(code: Check, found: impl Into<String>) -> Self {
        Self { code, state: State::Ok, found: found.into(), advice: None }
    }

    /// To be known.
    #[must_use]
    pub fn warning(code: Check, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { code, state: State::Warning, found: found.into(), advice: Some(advice.into()) }
    }

    /// Not ready.
    #[must_use]
    pub fn problem(code: Check, found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { code, state: State::Problem, found: found.into(), advice: Some(advice.into()) }
    }

    /// Not looked at, because of what `found` says.
    #[must_use]
    pub fn skipped(code: Check, found: impl Into<String>) -> Self {
        Self { code, state: State::Skipped, found: found.into(), advice: None }
    }

    /// A place that could not be looked at.
    #[must_use]
    pub fn failed(code: Check, failure: &Failure, advice: impl Into<String>) -> Self {
        Self::problem(code, format!("{} ({})", failure.message, failure.code), advice)
    }
}

/// Everything that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// When it ended.
    pub checked_at: Timestamp,
    /// Whether it was judged as production.
    pub production: bool,
    /// One for each check, in their order.
    pub checks: Vec<Finding>,
}

impl Report {
    /// One finding for each check: what nothing was found of is skipped, and says what it waits for.
    #[must_use]
    pub fn of(production: bool, found: Vec<Finding>) -> Self {
        let mut found: BTreeMap<Check, Finding> = found.into_iter().map(|finding| (finding.code, finding)).collect();
        let checks = Check::ALL.iter().map(|check| found.remove(check).unwrap_or_else(|| not_made(*check))).collect();
        Self { checked_at: Timestamp::now(), production, checks }
    }

    /// Whether nothing is a problem.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.checks.iter().all(|finding| finding.state != State::Problem)
    }
}

fn not_made(check: Check) -> Finding {
    let why = match check.before() {
        Some(before) => format!("cannot be told before {} is in order", before.code()),
        None => "was not looked at".to_owned(),
    };
    Finding::skipped(check, why)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_check_has_a_code_of_its_own_and_waits_for_one_before_it() {
        let codes: BTreeSet<&str> = Check::ALL.iter().map(|check| check.code()).collect();
        assert_eq!(codes.len(), Check::ALL.len());
        assert!(Check::ALL.iter().all(|check| check.before().is_none_or(|before| before < *check)));
    }

    #[test]
    fn every_check_is_told_once_and_only_problems_are_in_the_way() {
        let report = Report::of(false, vec![Finding::warning(Check::Queue, "a", "b"), Finding::ok(Check::Redis, "c")]);
        let told: Vec<Check> = report.checks.iter().map(|finding| finding.code).collect();
        assert_eq!(told, Check::ALL);
        assert!(report.is_ready());
        let events = report.checks.iter().find(|finding| finding.code == Check::RedisEvents).unwrap();
        assert_eq!(events.found, "cannot be told before redis is in order");
        assert!(!Report::of(false, vec![Finding::problem(Check::Queue, "a", "b")]).is_ready());
    }
}
