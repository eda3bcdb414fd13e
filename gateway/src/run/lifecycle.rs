//! How a long-running process ends: asked once it finishes what it does, asked twice it stops at once.

use std::fmt::Display;
use std::panic::AssertUnwindSafe;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures::FutureExt as _;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Longest time for finishing what is under way, after which it is cut off.
pub(super) const DRAIN: Duration = Duration::from_secs(30);

/// Why a process ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// A signal or the caller asked for it.
    Asked,
    /// This part ended by itself, which it never should.
    Died(String),
}

impl Ending {
    /// 0 when asked, 1 when something died.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Asked => ExitCode::SUCCESS,
            Self::Died(_) => ExitCode::FAILURE,
        }
    }
}

/// The parts of a process and the tokens that end them, which are cancelled in this order.
#[derive(Clone, Debug)]
pub struct Lifecycle {
    leaving: CancellationToken,
    soft: CancellationToken,
    hard: CancellationToken,
    parts: TaskTracker,
    /// Never waited for: what is here ends with the process, such as hearing signals.
    lasting: TaskTracker,
    died: Arc<OnceLock<String>>,
}

impl Lifecycle {
    /// Starts to hear SIGINT and SIGTERM. Parts are asked to end this long after the first one.
    ///
    /// # Errors
    /// When the operating system refuses to deliver them.
    pub fn start(delay: Duration) -> std::io::Result<Self> {
        let (interrupt, terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let lifecycle = Self::without_signals();
        lifecycle.lasting.spawn(hear(lifecycle.clone(), delay, interrupt, terminate));
        Ok(lifecycle)
    }

    /// Ends only when [`Self::soft`] is cancelled or a part dies.
    #[must_use]
    pub fn without_signals() -> Self {
        Self {
            leaving: CancellationToken::new(),
            soft: CancellationToken::new(),
            hard: CancellationToken::new(),
            parts: TaskTracker::new(),
            lasting: TaskTracker::new(),
            died: Arc::new(OnceLock::new()),
        }
    }

    /// Cancelled when whoever asks is to be told to go elsewhere, while everything goes on.
    #[must_use]
    pub fn leaving(&self) -> CancellationToken {
        self.leaving.clone()
    }

    /// Cancelled when parts should finish what they do and take nothing new.
    #[must_use]
    pub fn soft(&self) -> CancellationToken {
        self.soft.clone()
    }

    /// Cancelled when parts should stop at once.
    #[must_use]
    pub fn hard(&self) -> CancellationToken {
        self.hard.clone()
    }

    /// Runs a part until it ends. One that ends before it is asked to takes the whole process with it.
    pub fn spawn<E: Display>(&self, name: &'static str, part: impl Future<Output = Result<(), E>> + Send + 'static) {
        let lifecycle = self.clone();
        self.parts.spawn(async move {
            // A process must not live on with one of its parts dead of a panic.
            let reason = match AssertUnwindSafe(part).catch_unwind().await {
                Ok(Ok(())) if lifecycle.soft.is_cancelled() => return,
                Ok(Ok(())) => "it ended".to_owned(),
                Ok(Err(error)) => error.to_string(),
                Err(_panic) => "it panicked".to_owned(),
            };
            tracing::error!(part = name, reason, "a part of the process died");
            let _ = lifecycle.died.set(format!("{name}: {reason}"));
            lifecycle.soft.cancel();
        });
    }

    /// Runs something as long as the process lives, also while parts finish.
    pub fn spawn_until_the_end(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.lasting.spawn(task);
    }

    /// Waits until the end is asked for and all parts are through.
    pub async fn finish(self) -> Ending {
        self.soft.cancelled().await;
        self.parts.close();
        tokio::select! {
            () = self.parts.wait() => {}
            () = self.hard.cancelled() => {}
            () = tokio::time::sleep(DRAIN) => {
                tracing::warn!(seconds = DRAIN.as_secs(), "not everything ended in time; cutting it off");
            }
        }
        self.hard.cancel();
        self.died.get().map_or(Ending::Asked, |part| Ending::Died(part.clone()))
    }
}

async fn hear(lifecycle: Lifecycle, delay: Duration, mut interrupt: Signal, mut terminate: Signal) {
    let mut next = async || {
        tokio::select! {
            _ = interrupt.recv() => "SIGINT",
            _ = terminate.recv() => "SIGTERM",
        }
    };
    let name = next().await;
    tracing::info!(signal = name, seconds = delay.as_secs_f64(), "finishing; once more stops at once");
    lifecycle.leaving.cancel();
    let early = tokio::time::timeout(delay, next()).await.ok();
    lifecycle.soft.cancel();
    let name = match early {
        Some(name) => name,
        None => next().await,
    };
    tracing::warn!(signal = name, "stopping at once");
    lifecycle.hard.cancel();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn asked_parts_finish() {
        let lifecycle = Lifecycle::without_signals();
        let soft = lifecycle.soft();
        lifecycle.spawn("part", {
            let soft = soft.clone();
            async move {
                soft.cancelled().await;
                Ok::<(), String>(())
            }
        });
        soft.cancel();
        assert_eq!(lifecycle.finish().await, Ending::Asked);
    }

    #[tokio::test]
    async fn a_part_that_dies_ends_the_others() {
        let lifecycle = Lifecycle::without_signals();
        let soft = lifecycle.soft();
        lifecycle.spawn("lasting", async move {
            soft.cancelled().await;
            Ok::<(), String>(())
        });
        lifecycle.spawn("dying", async { Err("out of luck") });
        assert_eq!(lifecycle.finish().await, Ending::Died("dying: out of luck".into()));
    }

    #[tokio::test]
    async fn a_part_that_panics_ends_the_others() {
        let lifecycle = Lifecycle::without_signals();
        lifecycle.spawn("wild", async {
            if !std::thread::panicking() {
                panic!("for the test");
            }
            Ok::<(), String>(())
        });
        assert_eq!(lifecycle.finish().await, Ending::Died("wild: it panicked".into()));
    }

    #[tokio::test]
    async fn a_part_that_just_ends_died() {
        let lifecycle = Lifecycle::without_signals();
        lifecycle.spawn("short", async { Ok::<(), String>(()) });
        assert_eq!(lifecycle.finish().await, Ending::Died("short: it ended".into()));
    }
}
