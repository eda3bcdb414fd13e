//! What keeps a flood of signups away from everybody else: few are written at once, and who is refused for being too many
//! is told so slowly.

use std::time::Duration;

use axum::http::StatusCode;
use rand::RngExt as _;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::api::call::Early;
use crate::api::problem::Refusal;

/// Signups that a process writes at once. In the control database they take turns anyway, and each that waits there holds a
/// connection, and then a core, that other calls want.
const WRITING: usize = 1;
/// Refusals that are held back at once at most; those beyond are answered at once.
const HELD: usize = 1024;
/// How long one is held back, in milliseconds: different for each, so that those who came together do not come back together.
/// Who asks once does not mind, as there is no use in asking again soon; who asks without end does it so much less often.
const HOLD: std::ops::Range<u64> = 1000..3000;

/// The turns of the signups of a process.
#[derive(Debug)]
pub(in crate::api) struct SignupPace {
    writing: Semaphore,
    held: Semaphore,
}

impl Default for SignupPace {
    fn default() -> Self {
        Self { writing: Semaphore::new(WRITING), held: Semaphore::new(HELD) }
    }
}

impl SignupPace {
    /// Waits for a turn to write one, which lasts until what is given is dropped.
    ///
    /// # Errors
    /// None that can happen: turns are never closed.
    pub(super) async fn turn(&self) -> Result<SemaphorePermit<'_>, Refusal> {
        self.writing.acquire().await.map_err(|error| Refusal::internal().because(&error))
    }

    /// Gives a refusal back: at once, or after a while where it says that there were too many.
    pub(super) async fn slow_down(&self, refused: Early) -> Early {
        let is_too_many =
            matches!(&refused, Early::Refused(refusal) if refusal.status() == StatusCode::TOO_MANY_REQUESTS);
        if is_too_many && let Ok(_place) = self.held.try_acquire() {
            let hold = Duration::from_millis(rand::rng().random_range(HOLD));
            tokio::time::sleep(hold).await;
        }
        refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::StoreError;

    #[tokio::test]
    async fn only_who_is_one_too_many_waits_for_the_answer() {
        let pace = SignupPace::default();
        let took = async |refusal: Refusal| {
            let began = std::time::Instant::now();
            pace.slow_down(refusal.into()).await;
            began.elapsed()
        };
        let shortest = Duration::from_millis(HOLD.start);
        assert!(took(Refusal::key_unavailable()).await < shortest);
        assert!(took(StoreError::TooManyWaiting.into()).await >= shortest);
        let _all = pace.held.acquire_many(u32::try_from(HELD).unwrap()).await.unwrap();
        assert!(took(StoreError::TooManyWaiting.into()).await < shortest, "where as many are held as may be");
    }
}
