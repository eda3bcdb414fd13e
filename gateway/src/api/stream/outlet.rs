//! One stream: what is written to it, when it ends, and who is too slow for it.

use std::convert::Infallible;
use std::time::Duration;

use axum::http::HeaderValue;
use axum::http::header::CACHE_CONTROL;
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use futures::stream::poll_fn;
use tokio::sync::mpsc::{self, OwnedPermit, Receiver, Sender};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::api::server::Link;
use crate::api::stream::places::Place;
use crate::api::stream::rights::Hold;

/// Events that wait for a client, beside what the kernel holds for it. They are shared text, so this is little.
const WAITING: usize = 128;
/// A client that takes nothing for so long, while something waits for it, is cut off.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two signs of life.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Time to take the last words before the connection is cut.
const GRACE: Duration = Duration::from_secs(1);

/// Why a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) enum End {
    /// Everything was told.
    Done,
    /// The time that the caller asked for is over.
    Over,
    /// The caller may not read it any longer, or may read other things.
    Lost,
    /// The process ends.
    Stopping,
    /// The client does not read.
    Slow,
    /// What comes next cannot be read or was removed.
    Broken,
    /// The client went away.
    Gone,
}

impl End {
    /// The comment that the stream ends with.
    const fn words(self) -> Option<&'static str> {
        match self {
            Self::Done | Self::Gone => None,
            Self::Over => Some("the time asked for is over"),
            Self::Lost => Some("the rights of the caller have ended or changed"),
            Self::Stopping => Some("the gateway stops"),
            Self::Slow => Some("the client reads too slowly; connect again with the last event id"),
            Self::Broken => Some("the stream cannot go on; connect again with the last event id"),
        }
    }
}

/// Where a producer puts its events.
#[derive(Clone, Debug)]
pub(in crate::api) struct Outlet {
    sender: Sender<Event>,
    patience: Duration,
    tasks: TaskTracker,
}

impl Outlet {
    /// Writes an event, as soon as there is room.
    ///
    /// # Errors
    /// [`End::Slow`], [`End::Gone`].
    pub(in crate::api) async fn write(&self, event: Event) -> Result<(), End> {
        match timeout(self.patience, self.sender.send(event)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_gone)) => Err(End::Gone),
            Err(_elapsed) => Err(End::Slow),
        }
    }

    /// For what the stream needs done beside it.
    pub(in crate::api) const fn tasks(&self) -> &TaskTracker {
        &self.tasks
    }

    /// Writes signs of life. One that finds no room is not needed.
    async fn beat(&self) -> End {
        loop {
            sleep(HEARTBEAT).await;
            let _ = self.sender.try_send(Event::default().comment(""));
        }
    }
}

/// What ends a stream besides its producer.
#[derive(Debug)]
pub(super) struct Bounds {
    pub(super) link: Link,
    pub(super) hold: Hold,
    pub(super) place: Place,
    pub(super) longest: Option<Duration>,
}

impl Bounds {
    async fn reached(&self) -> End {
        let over = async {
            match self.longest {
                Some(longest) => sleep_until(Instant::now() + longest).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // First, as whoever watches over the rights goes with the process.
            biased;
            () = self.link.stopping.cancelled() => End::Stopping,
            () = self.hold.lost() => End::Lost,
            () = over => End::Over,
        }
    }
}

/// Answers with what `produce` writes, until it ends or a bound is reached.
pub(super) fn serve<P, F>(bounds: Bounds, produce: P) -> Response
where
    P: FnOnce(Outlet) -> F + Send + 'static,
    F: Future<Output = End> + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(WAITING + 1);
    // Kept for the last words, which must find room when nothing else does.
    let last = sender.clone().try_reserve_owned().ok();
    let tasks = bounds.link.tasks.clone();
    let outlet = Outlet { sender, patience: PATIENCE, tasks: tasks.clone() };
    let taken = CancellationToken::new();
    let mut response = Sse::new(events(receiver, taken.clone().drop_guard())).into_response();
    tasks.spawn(drive(bounds, outlet, last, taken, produce));
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // A proxy that buffers answers would hold events back.
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

/// What the connection takes; `taken` tells when it is through.
fn events(mut receiver: Receiver<Event>, taken: DropGuard) -> impl Stream<Item = Result<Event, Infallible>> {
    poll_fn(move |context| {
        let _held = &taken;
        receiver.poll_recv(context).map(|event| event.map(Ok))
    })
}

async fn drive<P, F>(
    bounds: Bounds,
    outlet: Outlet,
    last: Option<OwnedPermit<Event>>,
    taken: CancellationToken,
    produce: P,
) where
    P: FnOnce(Outlet) -> F + Send,
    F: Future<Output = End> + Send,
{
    let end = tokio::select! {
        biased;
        () = outlet.sender.closed() => End::Gone,
        end = bounds.reached() => end,
        end = outlet.beat() => end,
        end = produce(outlet.clone()) => end,
    };
    drop(outlet);
    if let (Some(words), Some(last)) = (end.words(), last) {
        last.send(Event::default().comment(words));
    }
    let Bounds { link, place, .. } = bounds;
    drop(place);
    match end {
        End::Slow => sleep(GRACE).await,
        End::Stopping => tokio::select! {
            () = taken.cancelled() => return,
            () = sleep(GRACE) => {}
        },
        End::Done | End::Over | End::Lost | End::Broken | End::Gone => return,
    }
    link.cut.cancel();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_cut_off_is_told_why() {
        for end in [End::Over, End::Lost, End::Stopping, End::Slow, End::Broken] {
            let words = end.words().unwrap();
            assert!(!words.is_empty() && !words.contains('\n'));
        }
        assert_eq!((End::Done.words(), End::Gone.words()), (None, None));
    }

    #[tokio::test]
    async fn who_takes_nothing_is_slow_and_who_went_is_gone() {
        let (sender, receiver) = mpsc::channel(1);
        let outlet = Outlet { sender, patience: Duration::from_millis(10), tasks: TaskTracker::new() };
        assert_eq!(outlet.write(Event::default()).await, Ok(()));
        assert_eq!(outlet.write(Event::default()).await, Err(End::Slow));
        drop(receiver);
        assert_eq!(outlet.write(Event::default()).await, Err(End::Gone));
    }
}
