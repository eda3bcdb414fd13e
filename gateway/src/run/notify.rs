//! What a process tells the service manager that started it, such as systemd; see sd_notify(3).
//!
//! Nothing is told where nobody listens, which is where the environment has no `NOTIFY_SOCKET`.

use std::convert::Infallible;
use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::{MissedTickBehavior, interval};

use crate::run::lifecycle::{DRAIN, Lifecycle};

/// Between the moment in which what is under way is cut off and the end of the process.
const SLACK: Duration = Duration::from_secs(10);

/// Says that the process is ready once `ready` is over, and when it is asked to end, that it does and how long that may take:
/// it goes on for `stop_delay` before it finishes.
///
/// Where the service manager watches, it hears of the process until its end: that the runtime moves tasks and timers. A part
/// that dies ends the process by itself, and a database that is away is no reason to start again.
pub fn tell(lifecycle: &Lifecycle, stop_delay: Duration, ready: impl Future<Output = ()> + Send + 'static) {
    let (leaving, soft) = (lifecycle.leaving(), lifecycle.soft());
    let longest = u32::try_from((stop_delay + DRAIN + SLACK).as_micros()).unwrap_or(u32::MAX);
    lifecycle.spawn("service manager", async move {
        // A part that dies ends the process without a delay.
        let ending = async {
            tokio::select! {
                () = leaving.cancelled() => {}
                () = soft.cancelled() => {}
            }
        };
        tokio::pin!(ending);
        tokio::select! {
            () = ready => {
                send(&[NotifyState::Ready]);
                ending.await;
            }
            () = &mut ending => {}
        }
        send(&[NotifyState::Stopping]);
        send(&[NotifyState::ExtendTimeoutUsec(longest)]);
        soft.cancelled().await;
        Ok::<(), Infallible>(())
    });
    let Some(limit) = sd_notify::watchdog_enabled() else { return };
    lifecycle.spawn_until_the_end(async move {
        let mut beats = interval(limit / 3);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            beats.tick().await;
            send(&[NotifyState::Watchdog]);
        }
    });
}

fn send(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!(%error, "the service manager cannot be told");
    }
}
