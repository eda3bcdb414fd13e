//! `gateway dev stop`: ask the running process to stop, and wait for it.

use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::dev::error::DevError;
use crate::dev::layout::Layout;
use crate::dev::state::{self, Instance};
use crate::dev::terminal;

/// Every part within its own limit takes less.
const LIMIT: Duration = Duration::from_secs(90);
const LOOK: Duration = Duration::from_millis(50);

/// Stops the stack; fine when it does not run.
///
/// # Errors
/// When the process cannot be signalled or does not end.
pub(super) async fn stop(layout: &Layout) -> Result<(), DevError> {
    if !state::is_running(layout) {
        terminal::note("It does not run.");
        return Ok(());
    }
    let told = Instance::read(layout)?.filter(|told| state::is_alive(told.pid));
    let pid = told.and_then(|told| i32::try_from(told.pid).ok()).filter(|pid| *pid > 1);
    let Some(pid) = pid else {
        return Err(DevError::Refused("it is just starting; try again in a second".to_owned()));
    };
    let since = Instant::now();
    kill(Pid::from_raw(pid), Signal::SIGTERM)
        .map_err(|errno| DevError::Refused(format!("cannot signal process {pid}: {errno}")))?;
    while state::is_running(layout) {
        if since.elapsed() > LIMIT {
            return Err(DevError::Refused(format!("process {pid} did not end within {} s", LIMIT.as_secs())));
        }
        tokio::time::sleep(LOOK).await;
    }
    terminal::note(format_args!("Stopped after {:.1} s. Data is kept.", since.elapsed().as_secs_f64()));
    Ok(())
}
