//! Where the hosted gateway logs to, and how `-v` shows what all parts log.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::dev::error::DevError;
use crate::dev::hosted::Environment;
use crate::dev::layout::{Layout, open_log};
use crate::dev::terminal;

/// How often `-v` looks for new lines.
const LOOK: Duration = Duration::from_millis(200);
const DEFAULT_FILTER: &str = "info,sqlx=warn,fred=warn,hyper=warn";

/// Sends this process's log lines to `logs/gateway.log`, as JSON.
///
/// # Errors
/// When the log cannot be opened. A filter that does not parse is told by the gateway's own settings.
pub(super) fn to_file(layout: &Layout, given: &Environment) -> Result<(), DevError> {
    let log = open_log(&layout.log("gateway"))?;
    let wanted = given.get("GATEWAY_LOG_FILTER").filter(|filter| !filter.is_empty());
    let filter =
        wanted.map_or(DEFAULT_FILTER, String::as_str).parse().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let lines = tracing_subscriber::fmt::layer()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(Mutex::new(log));
    // A host that has set up logging of its own keeps it.
    drop(tracing_subscriber::registry().with(filter).with(lines).try_init());
    Ok(())
}

/// Shows new lines of the logs of these parts until `stop`.
pub(super) async fn follow(layout: Layout, parts: &'static [&'static str], stop: CancellationToken) {
    let mut logs: Vec<Followed> = parts.iter().map(|part| Followed::at_its_end(part, layout.log(part))).collect();
    loop {
        for log in &mut logs {
            log.show_new_lines();
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

struct Followed {
    part: &'static str,
    path: PathBuf,
    position: u64,
    unfinished: String,
}

impl Followed {
    fn at_its_end(part: &'static str, path: PathBuf) -> Self {
        let position = std::fs::metadata(&path).map_or(0, |found| found.len());
        Self { part, path, position, unfinished: String::new() }
    }

    fn show_new_lines(&mut self) {
        for line in self.new_lines() {
            terminal::note(format_args!("{:<9} | {line}", self.part));
        }
    }

    fn new_lines(&mut self) -> Vec<String> {
        let Ok(mut file) = File::open(&self.path) else { return Vec::new() };
        if file.metadata().is_ok_and(|found| found.len() < self.position) {
            self.position = 0;
        }
        let mut bytes = Vec::new();
        let read = file.seek(SeekFrom::Start(self.position)).and_then(|_| file.read_to_end(&mut bytes));
        self.position += read.unwrap_or(0) as u64;
        self.unfinished.push_str(&String::from_utf8_lossy(&bytes));
        let complete = self.unfinished.rfind('\n').map_or(0, |end| end + 1);
        let rest = self.unfinished.split_off(complete);
        std::mem::replace(&mut self.unfinished, rest).lines().map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_new_and_complete_lines_are_shown() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("a.log");
        std::fs::write(&path, "old\n").unwrap();
        let mut log = Followed::at_its_end("a", path.clone());
        std::fs::write(&path, "old\none\ntw").unwrap();
        assert_eq!(log.new_lines(), ["one"]);
        std::fs::write(&path, "old\none\ntwo\n").unwrap();
        assert_eq!(log.new_lines(), ["two"]);
        std::fs::write(&path, "x\n").unwrap();
        assert_eq!(log.new_lines(), ["x"], "a log set aside is read from its start");
    }
}
