//! Two upgraded sockets joined until both are done.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::time::Instant;

/// Bytes read at once in each direction.
const BUFFER: usize = 16 * 1024;

/// Joins both sides once each has switched protocols. Ends when both directions have ended, on an error, or when
/// neither has moved a byte for `idle`; both sockets are closed then.
pub async fn join_upgraded(client: OnUpgrade, upstream: OnUpgrade, idle: Duration) {
    let (client, upstream) = match tokio::try_join!(client, upstream) {
        Ok(sides) => sides,
        Err(error) => {
            tracing::debug!(%error, "an upgrade was not completed");
            return;
        }
    };
    if let Err(error) = join(TokioIo::new(client), TokioIo::new(upstream), idle).await {
        tracing::debug!(%error, "an upgraded connection ended");
    }
}

/// Copies both ways. An end of stream on one side is passed on to the other, which may go on sending.
///
/// # Errors
/// The first error of either side, or `TimedOut` when both were silent for `idle`.
pub async fn join<A, B>(left: A, right: B, idle: Duration) -> io::Result<()>
where
    A: AsyncRead + AsyncWrite,
    B: AsyncRead + AsyncWrite,
{
    let (left_read, left_write) = split(left);
    let (right_read, right_write) = split(right);
    let activity = Activity { start: Instant::now(), last: AtomicU64::new(0) };
    tokio::select! {
        copied = async { tokio::try_join!(copy(left_read, right_write, &activity), copy(right_read, left_write, &activity)) } => copied.map(|_| ()),
        () = activity.silence(idle) => Err(io::Error::new(io::ErrorKind::TimedOut, "both sides were silent for too long")),
    }
}

async fn copy<R: AsyncRead, W: AsyncWrite>(
    mut from: ReadHalf<R>,
    mut to: WriteHalf<W>,
    activity: &Activity,
) -> io::Result<()> {
    let mut buffer = vec![0; BUFFER];
    loop {
        let count = from.read(&mut buffer).await?;
        activity.note();
        if count == 0 {
            return to.shutdown().await;
        }
        let read = buffer.get(..count).unwrap_or_default();
        to.write_all(read).await?;
        to.flush().await?;
    }
}

struct Activity {
    start: Instant,
    last: AtomicU64,
}

impl Activity {
    fn note(&self) {
        self.last.store(u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    async fn silence(&self, idle: Duration) {
        loop {
            let end = self.start + Duration::from_millis(self.last.load(Ordering::Relaxed)) + idle;
            if end <= Instant::now() {
                return;
            }
            tokio::time::sleep_until(end).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;

    use super::*;

    #[tokio::test]
    async fn an_end_on_one_side_leaves_the_other_talking() {
        let (mut client, left) = duplex(64);
        let (mut upstream, right) = duplex(64);
        let joined = join(left, right, Duration::from_secs(60));
        let talk = async {
            client.write_all(b"question").await.unwrap();
            client.shutdown().await.unwrap();
            let mut asked = String::new();
            upstream.read_to_string(&mut asked).await.unwrap();
            assert_eq!(asked, "question");
            upstream.write_all(b"answer").await.unwrap();
            upstream.shutdown().await.unwrap();
            let mut answered = String::new();
            client.read_to_string(&mut answered).await.unwrap();
            assert_eq!(answered, "answer");
        };
        tokio::join!(talk, joined).1.unwrap();
    }

    #[tokio::test]
    async fn silence_of_both_sides_ends_it() {
        let (_client, left) = duplex(64);
        let (_upstream, right) = duplex(64);
        let error = join(left, right, Duration::from_millis(20)).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
