//! Whether there is room for another tenant, looked at before anything is counted or made.

use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::api::AppState;
use crate::api::problem::Refusal;
use crate::config::Settings;
use crate::store::StoreError;
use crate::store::room::{Lack, Need};

/// How long an answer of the control database stands, so that a flood does not ask it over and over.
const FRESH: Duration = Duration::from_secs(1);

/// What the tenant of a signup takes; `None` where nobody asks whether there is room.
pub(super) fn need(settings: &Settings) -> Option<Need> {
    let signup = &settings.signup;
    signup.check_room.then_some(Need { tier: signup.tier, block: settings.docker.network_block })
}

/// What was last found, and when. The calls of a process share it.
#[derive(Debug, Default)]
pub(in crate::api) struct Room(Mutex<Option<(Instant, Option<Lack>)>>);

impl Room {
    /// Refuses where there is no room for one more. What comes in between is refused when the signup is written.
    ///
    /// # Errors
    /// 503 with when to try again.
    pub(super) async fn require(&self, state: &AppState) -> Result<(), Refusal> {
        let Some(need) = need(&state.settings) else { return Ok(()) };
        // Held while one of them asks: the others want the same answer.
        let mut found = self.0.lock().await;
        let lack = match *found {
            Some((at, lack)) if at.elapsed() < FRESH => lack,
            _ => {
                let lack = state.store.lack_of_room(&need).await?;
                *found = Some((Instant::now(), lack));
                lack
            }
        };
        lack.map_or(Ok(()), |lack| Err(StoreError::NoRoom(lack).into()))
    }

    /// Has the next one ask anew, as a place was just taken.
    pub(super) async fn forget(&self) {
        *self.0.lock().await = None;
    }
}
