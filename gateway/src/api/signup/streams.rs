//! How many streams are open: each holds a connection and asks the control database from time to time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};

use crate::api::problem::Refusal;
use crate::domain::ids::SignupId;

/// Streams of one process at most.
const MOST: u32 = 200;
/// Streams about one signup at most.
const MOST_OF_ONE: u32 = 4;

/// The open streams of a process. Cloning shares them.
#[derive(Clone, Debug, Default)]
pub(in crate::api) struct SignupStreams(Arc<Mutex<HashMap<SignupId, u32>>>);

/// The place of one stream; free again when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    streams: SignupStreams,
    signup: SignupId,
}

impl SignupStreams {
    fn open(&self) -> MutexGuard<'_, HashMap<SignupId, u32>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for one more.
    ///
    /// # Errors
    /// 429 when there is none; the state can still be asked for.
    pub(super) fn take(&self, signup: SignupId) -> Result<Place, Refusal> {
        let mut open = self.open();
        let of_one = open.get(&signup).copied().unwrap_or_default();
        if of_one >= MOST_OF_ONE || open.values().sum::<u32>() >= MOST {
            let detail = "too many streams are open; ask for the state instead";
            let refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too_many_streams", "Too many streams", detail);
            return Err(refusal.with_header(RETRY_AFTER, HeaderValue::from_static("10")));
        }
        open.insert(signup, of_one + 1);
        drop(open);
        Ok(Place { streams: self.clone(), signup })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.streams.open();
        if let Some(count) = open.get_mut(&self.signup) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.signup);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn places_are_bounded_and_come_back() {
        let streams = SignupStreams::default();
        let one = SignupId::from_uuid(Uuid::from_u128(1));
        let places: Vec<Place> = (0..MOST_OF_ONE).map(|_| streams.take(one).unwrap()).collect();
        assert_eq!(streams.take(one).unwrap_err().code(), "too_many_streams");
        let other = |n: u32| streams.take(SignupId::from_uuid(Uuid::from_u128(u128::from(n) + 2)));
        let others: Vec<Place> = (MOST_OF_ONE..MOST).map(|n| other(n).unwrap()).collect();
        assert!(other(MOST).is_err());
        drop((places, others));
        assert!(streams.take(one).is_ok() && streams.open().is_empty());
    }
}
