//! The control database.

use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::config::Settings;
use crate::doctor::CONNECTIONS;
use crate::doctor::report::{Check, Finding};
use crate::domain::host;
use crate::provision::run::store_failure;
use crate::store::condition::{Archiving, ServerCondition};
use crate::store::migrate::wanted_version;
use crate::store::{Store, StoreError};

/// Oldest release of PostgreSQL that is supported, as `server_version_num`.
pub(super) const OLDEST_RELEASE: i32 = 150_000;
/// How far two clocks may be apart before sessions, series and certificates are told wrongly.
const APART: Duration = Duration::from_secs(2);
/// Archiving that is older than this stands still: a quiet control database still writes a part now and then.
const ARCHIVED: f64 = 24.0 * 3600.0;

/// Looks at the control database; gives it where its schema can be read.
pub async fn look(settings: &Settings) -> (Vec<Finding>, Option<Store>) {
    let advice = "look whether PostgreSQL runs and whether database_url names its host, port, user and password";
    let begun = Timestamp::now();
    let looked = async {
        let store = Store::connect_read_only(&settings.database_url, CONNECTIONS).await?;
        let condition = store.server_condition().await?;
        Ok::<_, StoreError>((store, condition))
    };
    let (store, condition) = match looked.await {
        Ok(looked) => looked,
        Err(error) => return (vec![Finding::failed(Check::ControlDatabase, &store_failure(error), advice)], None),
    };
    let way = Way::to(&settings.database_url).await;
    let mut found = vec![Finding::ok(Check::ControlDatabase, "answers")];
    found.extend(judge(&condition, (begun, Timestamp::now()), way));
    let schema = match store.require_migrated().await {
        Ok(version) => {
            let wanted = wanted_version();
            let text = if version == wanted {
                format!("version {version}, as this program needs it")
            } else {
                format!("version {version}, of a newer release; this program is for {wanted}, which may still run")
            };
            found.push(Finding::ok(Check::ControlSchema, text));
            Some(store)
        }
        Err(error) => {
            let advice = match &error {
                StoreError::Outgrown { .. } => {
                    "start the newer release again, or restore the control database from before it"
                }
                _ => "run `gateway migrate` of the release that is to run, before its servers and workers start",
            };
            found.push(Finding::problem(Check::ControlSchema, error.to_string(), advice));
            None
        }
    };
    (found, schema)
}

/// Who can read along on the way to a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Nobody: it stays on this machine.
    Local,
    /// Whoever is in a network that is not routed on the internet.
    Private,
    /// Anybody.
    Public,
}

impl Way {
    /// The way to a URL's host: the most open one of those to all its addresses.
    async fn to(url: &SecretString) -> Self {
        let Ok(url) = Url::parse(url.expose_secret()) else { return Self::Public };
        let host = host::of_url(&url);
        if host.starts_with("%2F") || url.query_pairs().any(|(name, value)| name == "host" && value.starts_with('/')) {
            return Self::Local;
        }
        let found = tokio::net::lookup_host((host, url.port().unwrap_or(5432))).await;
        let addresses: Vec<IpAddr> = found.map(|all| all.map(|address| address.ip()).collect()).unwrap_or_default();
        if !addresses.is_empty() && addresses.iter().all(IpAddr::is_loopback) {
            Self::Local
        } else if !addresses.is_empty() && addresses.iter().all(is_private) {
            Self::Private
        } else {
            Self::Public
        }
    }
}

fn is_private(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_private() || address.is_link_local() || address.is_loopback(),
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local() || address.is_loopback(),
    }
}

/// Judges the server: `asked` is this machine's time before and after it told its own.
fn judge(condition: &ServerCondition, asked: (Timestamp, Timestamp), way: Way) -> Vec<Finding> {
    vec![
        release(condition.release),
        clock(condition.clock, asked),
        encryption(condition.is_encrypted, way),
        archive(&condition.archiving),
    ]
}

/// How a release is written for people.
pub(super) fn release_text(release: i32) -> String {
    format!("PostgreSQL {}.{}", release / 10_000, release % 10_000)
}

fn release(release: i32) -> Finding {
    let text = release_text(release);
    if release >= OLDEST_RELEASE {
        return Finding::ok(Check::ControlRelease, text);
    }
    let advice = format!("upgrade it to {} or newer", release_text(OLDEST_RELEASE));
    Finding::problem(Check::ControlRelease, format!("{text} is not supported"), advice)
}

fn clock(clock: Timestamp, (begun, ended): (Timestamp, Timestamp)) -> Finding {
    let behind = Duration::try_from(begun.duration_since(clock)).unwrap_or_default();
    let ahead = Duration::try_from(clock.duration_since(ended)).unwrap_or_default();
    let apart = behind.max(ahead);
    if apart <= APART {
        let found = format!("less than {} s from this machine's", APART.as_secs());
        return Finding::ok(Check::ControlClock, found);
    }
    let direction = if behind > ahead { "behind" } else { "ahead of" };
    let found = format!("the database's clock is {} s {direction} this machine's", apart.as_secs());
    Finding::problem(Check::ControlClock, found, "have all machines take their time from the same source (NTP)")
}

fn encryption(is_encrypted: bool, way: Way) -> Finding {
    let check = Check::ControlTls;
    let advice = "switch TLS on in PostgreSQL and end database_url with ?sslmode=verify-full&sslrootcert=FILE";
    match (is_encrypted, way) {
        (true, _) => Finding::ok(check, "encrypted"),
        (false, Way::Local) => Finding::ok(check, "not encrypted, and on this machine"),
        (false, Way::Private) => Finding::warning(
            check,
            "not encrypted, and at a private address: whoever is in that network reads along",
            advice,
        ),
        (false, Way::Public) => Finding::problem(
            check,
            "not encrypted, and on another machine: sessions, sealed secrets and addresses of people pass in plain text",
            advice,
        ),
    }
}

fn archive(archiving: &Archiving) -> Finding {
    let check = Check::ControlArchive;
    let followers = archiving.followers;
    match (archiving.is_on, archiving.archived_ago) {
        (true, _) if archiving.fails => Finding::problem(
            check,
            "PostgreSQL could not archive its log the last time it tried: nothing newer can be restored",
            "read PostgreSQL's log for what archive_command said",
        ),
        (true, Some(ago)) if ago <= ARCHIVED => {
            Finding::ok(check, format!("the log is archived, the last part {:.0} min ago", ago / 60.0))
        }
        (true, ago) => {
            let found = match ago {
                Some(ago) => format!("nothing was archived for {:.0} h", ago / 3600.0),
                None => "the log is to be archived, and no part was yet".to_owned(),
            };
            Finding::warning(check, found, "set archive_timeout, so that a quiet database is archived too")
        }
        (false, _) if followers > 0 => Finding::warning(
            check,
            format!("{followers} standbys or receivers follow the log; whether any of them keeps it cannot be told"),
            "restore once from what you keep, as docs/runbooks/restore-control-database.md says",
        ),
        (false, _) => Finding::warning(
            check,
            "PostgreSQL archives nothing; whether somebody dumps the control database cannot be told",
            "dump it by the clock or archive its log, and restore once, as docs/runbooks/restore-control-database.md says",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::report::State;

    fn archiving(is_on: bool, archived_ago: Option<f64>, fails: bool, followers: i64) -> State {
        archive(&Archiving { is_on, archived_ago, fails, followers }).state
    }

    #[test]
    fn clocks_are_compared_with_both_ends_of_the_question() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(clock(at(100), (at(99), at(101))).state, State::Ok);
        // A slow answer is not a wrong clock.
        assert_eq!(clock(at(100), (at(90), at(110))).state, State::Ok);
        let ahead = clock(at(170), (at(99), at(101)));
        assert!(ahead.state == State::Problem && ahead.found.contains("69 s ahead of"), "{ahead:?}");
        assert!(clock(at(30), (at(99), at(101))).found.contains("69 s behind"));
    }

    #[test]
    fn plain_text_is_for_one_machine_alone() {
        assert_eq!(encryption(false, Way::Local).state, State::Ok);
        assert_eq!(encryption(true, Way::Public).state, State::Ok);
        assert_eq!(encryption(false, Way::Private).state, State::Warning);
        assert_eq!(encryption(false, Way::Public).state, State::Problem);
    }

    #[tokio::test]
    async fn the_most_open_way_counts() {
        for (url, way) in [
            ("postgres://u:p@127.0.0.1:1/d", Way::Local),
            ("postgres://u:p@[::1]/d", Way::Local),
            ("postgres://u@localhost/d?host=/run/postgresql", Way::Local),
            ("postgres://u@%2Frun%2Fpostgresql/d", Way::Local),
            ("postgres://u:p@10.1.2.3/d", Way::Private),
            ("postgres://u:p@[fd00::1]/d", Way::Private),
            ("postgres://u:p@203.0.113.7/d", Way::Public),
            ("postgres://u:p@nowhere.invalid/d", Way::Public),
        ] {
            assert_eq!(Way::to(&SecretString::from(url)).await, way, "{url}");
        }
    }

    #[test]
    fn an_archive_counts_while_it_grows() {
        assert_eq!(archiving(true, Some(60.0), false, 0), State::Ok);
        assert_eq!(archiving(true, Some(60.0), true, 0), State::Problem);
        assert_eq!(archiving(true, Some(ARCHIVED * 2.0), false, 0), State::Warning);
        assert_eq!(archiving(true, None, false, 0), State::Warning);
        assert_eq!(archiving(false, None, false, 1), State::Warning);
        assert_eq!(archiving(false, None, false, 0), State::Warning);
    }

    #[test]
    fn an_old_release_is_refused() {
        assert_eq!(release(150_018).found, "PostgreSQL 15.18");
        assert_eq!(release(149_999).state, State::Problem);
    }
}
