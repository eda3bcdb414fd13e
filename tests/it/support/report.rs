//! What ran: a line for every case of a suite, for the table at the end of `make test-full`.

use std::io::Write;
use std::sync::OnceLock;
use std::time::Instant;

/// How much of a suite runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tier {
    /// With every change.
    Smoke,
    /// Everything.
    Full,
}

#[expect(clippy::disallowed_methods, reason = "set by the scripts that run the tests")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// The tier asked for by `GATEWAY_TEST_TIER`.
pub(crate) fn tier() -> Tier {
    match variable("GATEWAY_TEST_TIER").as_deref() {
        None | Some("smoke") => Tier::Smoke,
        Some("full") => Tier::Full,
        Some(other) => panic!("GATEWAY_TEST_TIER is smoke or full, not {other}"),
    }
}

/// The smaller number in the tier `smoke`, the larger one in `full`.
pub(crate) fn sized(smoke: usize, full: usize) -> usize {
    match tier() {
        Tier::Smoke => smoke,
        Tier::Full => full,
    }
}

/// The seed of everything random in this process: `GATEWAY_TEST_SEED`, or drawn and printed.
pub(crate) fn seed() -> u64 {
    static SEED: OnceLock<u64> = OnceLock::new();
    *SEED.get_or_init(|| {
        let given = variable("GATEWAY_TEST_SEED").map(|text| text.parse().unwrap());
        let seed = given.unwrap_or_else(rand::random);
        say(&format!("seed {seed}; run again with GATEWAY_TEST_SEED={seed}"));
        seed
    })
}

/// Says something beside the result; the runner shows it when the test fails.
#[expect(clippy::print_stdout, reason = "the runner keeps what a test prints")]
pub(crate) fn say(text: &str) {
    println!("{text}");
}

/// A running case. Dropped in a panic it has failed, else it has passed.
#[derive(Debug)]
pub(crate) struct Case {
    suite: &'static str,
    pub(crate) name: String,
    started: Instant,
}

/// Begins a case; it is recorded when the value is dropped.
pub(crate) fn case(suite: &'static str, name: impl Into<String>) -> Case {
    Case { suite, name: name.into(), started: Instant::now() }
}

impl Drop for Case {
    fn drop(&mut self) {
        let passed = !std::thread::panicking();
        if !passed {
            say(&format!("failed: {} {}", self.suite, self.name));
        }
        let Some(path) = variable("GATEWAY_TEST_REPORT") else { return };
        let line = serde_json::json!({
            "suite": self.suite,
            "case": self.name,
            "passed": passed,
            "milliseconds": u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
            "seed": seed(),
        });
        // One write, so that lines of tests that run at the same time do not mix.
        let written = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .and_then(|mut file| file.write_all(format!("{line}\n").as_bytes()));
        if let Err(error) = written {
            say(&format!("{path} cannot be written: {error}"));
        }
    }
}

/// Runs one case after the other.
///
/// The first that fails ends the test: what stands in the world afterwards is of no use to the next.
pub(crate) async fn timed<T>(suite: &'static str, name: impl Into<String>, body: impl Future<Output = T>) -> T {
    let _case = case(suite, name);
    body.await
}

/// Random numbers that the seed and a name decide.
pub(crate) fn dice(name: &str) -> rand::rngs::StdRng {
    use sha2::Digest;
    let digest = sha2::Sha256::digest(format!("{} {name}", seed()));
    rand::SeedableRng::from_seed(digest.into())
}
