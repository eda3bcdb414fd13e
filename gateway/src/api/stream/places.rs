//! How many streams there are at once: in this process, and to one caller.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};

use crate::api::problem::Refusal;
use crate::config::EventSettings;

/// Counts streams. Cloning shares the count.
#[derive(Clone, Debug)]
pub(in crate::api) struct Places {
    all: usize,
    per_caller: usize,
    taken: Arc<Mutex<HashMap<String, usize>>>,
}

/// The place of a stream; free again when this is dropped.
#[derive(Debug)]
pub(in crate::api) struct Place {
    places: Places,
    principal: String,
}

fn full(code: &'static str, detail: String) -> Refusal {
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, code, "Too many streams", detail)
        .with_header(RETRY_AFTER, HeaderValue::from_static("5"))
}

impl Places {
    /// As many as the settings say.
    pub(in crate::api) fn new(settings: EventSettings) -> Self {
        Self { all: settings.streams, per_caller: settings.streams_per_caller, taken: Arc::default() }
    }

    fn taken(&self) -> MutexGuard<'_, HashMap<String, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place for a stream to this principal.
    ///
    /// # Errors
    /// 429 when there is none.
    pub(in crate::api) fn take(&self, principal: String) -> Result<Place, Refusal> {
        let mut taken = self.taken();
        if taken.values().sum::<usize>() >= self.all {
            let detail = format!("this process serves {} streams already; ask another, or read the list", self.all);
            return Err(full("too_many_streams", detail));
        }
        let of_caller = taken.entry(principal.clone()).or_default();
        if *of_caller >= self.per_caller {
            let detail = format!("you have {} streams from this process already; end one", self.per_caller);
            return Err(full("too_many_streams_of_caller", detail));
        }
        *of_caller += 1;
        Ok(Place { places: self.clone(), principal })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        if let Some(count) = taken.get_mut(&self.principal) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.principal);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_and_come_back() {
        let settings = EventSettings { streams: 3, streams_per_caller: 2 };
        let places = Places::new(settings);
        let take = |who: &str| places.take(who.to_owned()).map_err(|refusal| refusal.code());
        let first = take("a").unwrap();
        let _second = take("a").unwrap();
        assert_eq!(take("a").unwrap_err(), "too_many_streams_of_caller");
        let _third = take("b").unwrap();
        assert_eq!(take("c").unwrap_err(), "too_many_streams");
        drop(first);
        assert!(take("a").is_ok());
    }
}
