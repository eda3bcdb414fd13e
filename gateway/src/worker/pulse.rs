//! A file that says when the worker last looked for due rows, so that its health can be asked without a port.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::config::WorkerSettings;

/// Looks that follow each other sooner are not written.
const SHORTEST: Duration = Duration::from_secs(1);
/// What the file holds after a look that the control database answered, and after one that it did not.
const WORDS: [&str; 2] = ["looking\n", "waiting\n"];
/// Beyond two looks that wait for the control database as long as they may.
const SPARE: Duration = Duration::from_secs(5);

/// Writes the file of one worker.
#[derive(Debug)]
pub struct Pulse {
    file: Option<PathBuf>,
    written: Option<(Instant, bool)>,
}

/// What a file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// The worker looks, and the control database answers.
    Looking,
    /// The worker lives, and waits for the control database.
    Waiting,
    /// Nothing was written for longer than a worker that lives would take.
    Silent,
}

impl Pulse {
    /// A pulse in this file; none where there is no file.
    #[must_use]
    pub const fn new(file: Option<PathBuf>) -> Self {
        Self { file, written: None }
    }

    /// Writes how a look ended. Trouble with the file is told once.
    pub(super) fn beat(&mut self, answered: bool) {
        let Some(file) = &self.file else { return };
        if self.written.is_some_and(|(when, as_what)| as_what == answered && when.elapsed() < SHORTEST) {
            return;
        }
        self.written = Some((Instant::now(), answered));
        if let Err(error) = write(file, answered) {
            tracing::warn!(file = %file.display(), %error, "the worker's pulse cannot be written; its health is unknown");
            self.file = None;
        }
    }
}

/// In one step, so that no reader sees half of it.
fn write(file: &Path, answered: bool) -> io::Result<()> {
    let fresh = file.with_extension("new");
    std::fs::write(&fresh, WORDS[usize::from(!answered)])?;
    std::fs::rename(&fresh, file)
}

/// What the file of a worker with these settings says now.
///
/// # Errors
/// When there is none, as before the first look, or it cannot be read.
pub fn read(file: &Path, settings: &WorkerSettings) -> io::Result<Sign> {
    let longest = settings.poll.mul_f64(1.1) + settings.lease * 2 + SPARE;
    let age = std::fs::metadata(file)?.modified()?.elapsed().unwrap_or_default();
    if age > longest {
        return Ok(Sign::Silent);
    }
    Ok(if std::fs::read_to_string(file)? == WORDS[0] { Sign::Looking } else { Sign::Waiting })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> WorkerSettings {
        let environment = [
            ("GATEWAY_DATABASE_URL", "postgres://u@h/d"),
            ("GATEWAY_SECRET_KEYS", "k1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            ("GATEWAY_WORKER_LEASE_SECONDS", "10"),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        crate::config::load(&environment).unwrap().worker
    }

    #[test]
    fn the_last_look_is_told_while_it_is_young() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("pulse");
        let mut pulse = Pulse::new(Some(file.clone()));
        assert!(read(&file, &settings()).is_err());
        pulse.beat(true);
        assert_eq!(read(&file, &settings()).unwrap(), Sign::Looking);
        // A change is written at once.
        pulse.beat(false);
        assert_eq!(read(&file, &settings()).unwrap(), Sign::Waiting);
        let aged = std::fs::File::options().write(true).open(&file).unwrap();
        aged.set_modified(std::time::SystemTime::now() - Duration::from_secs(20)).unwrap();
        assert_eq!(read(&file, &settings()).unwrap(), Sign::Waiting);
        aged.set_modified(std::time::SystemTime::now() - Duration::from_secs(27)).unwrap();
        assert_eq!(read(&file, &settings()).unwrap(), Sign::Silent);
    }

    #[test]
    fn a_pulse_without_a_file_writes_nothing() {
        let directory = tempfile::tempdir().unwrap();
        Pulse::new(None).beat(true);
        // Nor does one whose file cannot be: it says so and goes on.
        let mut pulse = Pulse::new(Some(directory.path().join("gone/pulse")));
        pulse.beat(true);
        assert!(pulse.file.is_none());
    }
}
