//! The walls between networks where Docker Engine makes none: one nftables table, read and changed by the program `nft`.
//!
//! # Assumptions
//! The program runs in the network namespace of the engine, with CAP_NET_ADMIN. That a new network's bridge is there is
//! looked at each time.
//!
//! # Caveats
//! The kernel keeps the table as long as it runs, and whoever flushes all its rules takes this one too. What a look finds
//! missing comes back with all networks at once.

use std::io::ErrorKind;
use std::process::Stdio;
use std::time::Duration;

use ipnet::Ipv4Net;
use nix::net::if_::if_nametoindex;
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use crate::domain::failure::Failure;
use crate::domain::ids::InstallationId;
use crate::domain::subnet::bridge_name;
use crate::infra::engine::Engine;
use crate::infra::ruleset::Ruleset;

pub use crate::infra::ruleset::SeenWalls;

/// Where distributions install the program. A search path is not asked: what changes the kernel's rules has one name.
const PROGRAMS: [&str; 4] = ["/usr/sbin/nft", "/sbin/nft", "/usr/bin/nft", "/usr/local/sbin/nft"];
/// Longest time for one run. The kernel takes a thousand subnets in some milliseconds.
const LONGEST: Duration = Duration::from_secs(10);
/// Reads a transaction from its input. The terse form lists tables without what is in their sets.
const CHANGE: &[&str] = &["--json", "--file", "-"];
const ADD: &[&str] = &["--json", "--terse", "--file", "-"];
/// The bit of CAP_NET_ADMIN among the capabilities of a process.
const NET_ADMIN: u32 = 12;

/// The table of one control plane.
#[derive(Clone, Debug)]
pub struct Walls {
    ruleset: Ruleset,
}

/// How a run of the program can end other than well.
enum Trouble {
    /// It refused what it was told, or was refused by the kernel; what it said.
    Refused(String),
    Other(Failure),
}

impl Trouble {
    fn into_failure(self, doing: &str) -> Failure {
        match self {
            Self::Other(failure) => failure,
            Self::Refused(_) if !may_administer() => Failure::permanent(
                "nft_not_permitted",
                format!(
                    "could not {doing}: the process lacks CAP_NET_ADMIN; give it that, or set network_isolation to engine"
                ),
            ),
            Self::Refused(said) => {
                Failure::retryable("nft_refused", format!("could not {doing}: nft refused it")).because(said)
            }
        }
    }
}

/// Whether this process may change the rules of its network namespace, and so may a program that it starts: either as root,
/// or as what it hands on.
fn may_administer() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let bits = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        u64::from_str_radix(line.trim(), 16).ok()
    };
    let has = |name: &str| bits(name).is_some_and(|bits| bits >> NET_ADMIN & 1 == 1);
    has("CapAmb:") || (nix::unistd::geteuid().is_root() && has("CapEff:"))
}

async fn run(arguments: &[&str], input: Option<&Value>) -> Result<Value, Trouble> {
    let away = |error: std::io::Error| {
        let failure = Failure::retryable("nft_refused", "could not run nft").because(error);
        Trouble::Other(failure)
    };
    let mut child = None;
    for program in PROGRAMS {
        let mut command = Command::new(program);
        command.args(arguments).env_clear().kill_on_drop(true);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        match command.spawn() {
            Ok(started) => {
                child = Some(started);
                break;
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(away(error)),
        }
    }
    let Some(mut child) = child else {
        let text = "the program nft is not installed: install nftables, or set network_isolation to engine";
        return Err(Trouble::Other(Failure::permanent("nft_missing", text)));
    };
    let input = input.map(ToString::to_string).unwrap_or_default();
    let talk = async {
        let written = match child.stdin.take() {
            Some(mut stdin) => stdin.write_all(input.as_bytes()).await,
            None => Ok(()),
        };
        let done = child.wait_with_output().await?;
        // Where it ended before it had read everything, what it says tells more.
        if done.status.success() {
            written?;
        }
        Ok(done)
    };
    let done = match tokio::time::timeout(LONGEST, talk).await {
        Ok(done) => done.map_err(away)?,
        Err(_elapsed) => {
            let text = format!("nft did not end within {} s", LONGEST.as_secs());
            return Err(Trouble::Other(Failure::retryable("nft_refused", text)));
        }
    };
    if !done.status.success() {
        return Err(Trouble::Refused(String::from_utf8_lossy(&done.stderr).trim().to_owned()));
    }
    // A change says nothing.
    Ok(serde_json::from_slice(&done.stdout).unwrap_or(Value::Null))
}

impl Walls {
    /// Those of a control plane; nothing is looked at yet.
    #[must_use]
    pub fn of(installation: InstallationId) -> Self {
        Self { ruleset: Ruleset::of(installation) }
    }

    /// The table's name, in the family `inet`.
    #[must_use]
    pub fn table(&self) -> &str {
        self.ruleset.table()
    }

    /// What stands.
    ///
    /// # Errors
    /// `nft_missing` or `nft_not_permitted`, permanent; `nft_refused`. Then nothing is known.
    pub async fn look(&self) -> Result<SeenWalls, Failure> {
        let doing = "look at the rules between networks";
        let tables = run(&["--json", "list", "tables"], None).await.map_err(|trouble| trouble.into_failure(doing))?;
        if !self.ruleset.is_listed(&tables) {
            return Ok(SeenWalls::default());
        }
        let listing = run(&["--json", "list", "table", "inet", self.table()], None).await;
        Ok(self.ruleset.read(&listing.map_err(|trouble| trouble.into_failure(doing))?))
    }

    /// Adds subnets to those that are kept apart, and lays all rules where they are not there. May be called at any time, by
    /// several workers at once.
    ///
    /// # Errors
    /// As [`Walls::look`].
    pub async fn raise(&self, subnets: &[Ipv4Net]) -> Result<(), Failure> {
        // The rules are nearly always there: to lay them anew takes three times as long as to see that.
        if !subnets.is_empty()
            && let Ok(listing) = run(ADD, Some(&self.ruleset.add(subnets))).await
            && self.ruleset.read(&listing).stand
        {
            return Ok(());
        }
        self.change(&self.ruleset.lay(subnets), subnets, &[]).await?;
        let seen = self.look().await?;
        if seen.stand && subnets.iter().all(|subnet| seen.keep(*subnet)) {
            return Ok(());
        }
        let text = "the rules between networks were laid, and nft lists others";
        Err(Failure::retryable("nft_refused", text))
    }

    /// Takes subnets out of the set; fine when they are not in it. Nobody may be about to take one of them.
    ///
    /// # Errors
    /// As [`Walls::look`].
    pub async fn lower(&self, subnets: &[Ipv4Net]) -> Result<(), Failure> {
        if subnets.is_empty() {
            return Ok(());
        }
        self.change(&self.ruleset.lower(subnets), &[], subnets).await
    }

    /// Something else under our name, such as a chain hooked elsewhere, is in the way of a change. Then all of it is made anew
    /// with the subnets that could be read.
    async fn change(&self, wanted: &Value, more: &[Ipv4Net], fewer: &[Ipv4Net]) -> Result<(), Failure> {
        let doing = "change the rules between networks";
        let said = match run(CHANGE, Some(wanted)).await {
            Ok(_) => return Ok(()),
            Err(Trouble::Refused(said)) => said,
            Err(trouble) => return Err(trouble.into_failure(doing)),
        };
        let seen = self.look().await?;
        tracing::warn!(table = self.table(), said, "the table between networks takes no change; it is made anew");
        let kept = seen.subnets.into_iter().filter(|one| !fewer.iter().any(|gone| gone.contains(one)));
        let all: Vec<Ipv4Net> = kept.chain(more.iter().copied()).collect();
        let rebuilt = run(CHANGE, Some(&self.ruleset.rebuild(&all))).await;
        rebuilt.map(|_| ()).map_err(|trouble| trouble.into_failure(doing))
    }
}

impl Engine {
    /// What keeps networks apart; `None` where the engine does that itself.
    #[must_use]
    pub const fn walls(&self) -> Option<&Walls> {
        self.walls.as_ref()
    }

    /// Whether a network on this subnet is kept apart from the others, as far as that is ours to do.
    ///
    /// # Errors
    /// As [`Walls::look`].
    pub async fn is_walled(&self, subnet: Ipv4Net) -> Result<bool, Failure> {
        match &self.walls {
            Some(walls) => Ok(walls.look().await?.keep(subnet)),
            None => Ok(true),
        }
    }

    /// Keeps networks on these subnets apart from others, where that is ours to do.
    ///
    /// # Errors
    /// As [`Walls::look`].
    pub async fn raise_walls(&self, subnets: &[Ipv4Net]) -> Result<(), Failure> {
        match &self.walls {
            Some(walls) => walls.raise(subnets).await,
            None => Ok(()),
        }
    }

    /// Forgets subnets on which there is no network any more.
    ///
    /// # Errors
    /// As [`Walls::look`].
    pub async fn lower_walls(&self, subnets: &[Ipv4Net]) -> Result<(), Failure> {
        match &self.walls {
            Some(walls) => walls.lower(subnets).await,
            None => Ok(()),
        }
    }

    /// Where walls are ours to raise, the bridge of a new network has to be in our network namespace: in another one they
    /// would stand between nobody.
    ///
    /// # Errors
    /// `walls_elsewhere`, permanent.
    pub(super) fn require_bridge(&self, subnet: Ipv4Net) -> Result<(), Failure> {
        if self.walls.is_none() || if_nametoindex(bridge_name(subnet).as_str()).is_ok() {
            return Ok(());
        }
        let text =
            "the engine's bridges are not in the network namespace of this process: run it where the engine runs";
        Err(Failure::permanent("walls_elsewhere", text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_refused_for_want_of_the_right_says_so() {
        let failure = Trouble::Refused("Operation not permitted".into()).into_failure("look");
        let expected = if may_administer() { "nft_refused" } else { "nft_not_permitted" };
        assert_eq!(failure.code, expected);
    }
}
