//! `GET /api/gateway/steps`

use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use tokio::sync::Mutex;

use crate::api::AppState;
use crate::api::auth::{OperationsRead, Permit};
use crate::api::extract::NoQuery;
use crate::api::problem::Refusal;
use crate::api::types::{StepTime, StepTimeList};
use crate::store::typical::TypicalStep;
use crate::store::{Store, StoreError};

/// How old the answer may be. Many callers cost the control database one query in this time.
const FRESH: Duration = Duration::from_secs(30);

/// What is typical of steps, shared by all who ask.
#[derive(Debug, Default)]
pub(in crate::api) struct StepTimes(Mutex<Option<(Instant, Vec<TypicalStep>)>>);

impl StepTimes {
    /// Reads it anew where it is old.
    pub(in crate::api) async fn look(&self, store: &Store) -> Result<Vec<TypicalStep>, StoreError> {
        let mut last = self.0.lock().await;
        if let Some((at, steps)) = &*last
            && at.elapsed() < FRESH
        {
            return Ok(steps.clone());
        }
        let steps = store.typical_steps().await?;
        *last = Some((Instant::now(), steps.clone()));
        Ok(steps)
    }
}

fn rounded(milliseconds: f64) -> f64 {
    (milliseconds * 1000.0).round() / 1000.0
}

/// List how long steps usually take
///
/// Of those that succeeded lately, on any tenant: what to compare a step under way with. The order is that in which a tenant
/// is made. Answers are half a minute old at most.
#[utoipa::path(
    get,
    path = "/api/gateway/steps",
    operation_id = "list_steps",
    tag = "operations",
    security(("api_key" = ["operations:read"]), ("session" = ["operations:read"])),
    responses((status = 200, description = "The steps", body = StepTimeList))
)]
pub(in crate::api) async fn list_steps(
    State(state): State<AppState>,
    _permit: Permit<OperationsRead>,
    _query: NoQuery,
) -> Result<Json<StepTimeList>, Refusal> {
    let steps = state.step_times().look(&state.store).await?.into_iter();
    let items = steps.map(|one| StepTime {
        step: one.step,
        action: one.action,
        typical_ms: rounded(one.half),
        slow_ms: rounded(one.most),
        attempts: one.attempts,
    });
    Ok(Json(StepTimeList { items: items.collect() }))
}
