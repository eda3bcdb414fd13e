//! Operations and their steps.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::types::TenantError;
use crate::domain::operation::{Action, OperationKind, OperationState, StepKind, StepState};

/// The latest operation of a tenant
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OperationRef {
    /// Its identity
    pub id: Uuid,
    /// What it is for
    pub kind: OperationKind,
    /// How far it is
    pub state: OperationState,
}

/// One long piece of work on a tenant
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Operation {
    /// Its identity
    pub id: Uuid,
    /// The tenant it works on
    pub tenant_id: Uuid,
    /// That tenant's key
    pub tenant_key: String,
    /// What it is for
    pub kind: OperationKind,
    /// How far it is
    pub state: OperationState,
    /// Claims spent on it
    pub attempt: i32,
    /// Who asked, such as user:owner@localhost
    pub requested_by: String,
    /// When it was asked for
    pub created_at: Timestamp,
    /// When a worker first took it
    #[schema(required)]
    pub started_at: Option<Timestamp>,
    /// When it ended
    #[schema(required)]
    pub ended_at: Option<Timestamp>,
    /// Why it is wanted, such as what a look for drift found; null when somebody asked for it
    #[schema(required)]
    pub reason: Option<String>,
    /// Nobody waits for it: it goes behind what people asked for
    pub repair: bool,
    /// Why it failed or waits; null when nothing went wrong
    #[schema(required)]
    pub error: Option<TenantError>,
    /// Its step attempts in the order they were made; absent in lists
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub steps: Option<Vec<Step>>,
}

/// A page of operations, newest first
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OperationList {
    /// The operations, without their steps
    pub items: Vec<Operation>,
    /// Give it as cursor to get the next page; null on the last
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// One attempt at a step
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Step {
    /// Rises with each attempt
    pub id: i64,
    /// Which step
    pub step: StepKind,
    /// What was asked of it
    pub action: Action,
    /// Which claim of the operation it belongs to
    pub attempt: i32,
    /// How it ended
    pub state: StepState,
    /// When it began
    pub started_at: Timestamp,
    /// When it ended
    #[schema(required)]
    pub ended_at: Option<Timestamp>,
    /// How long it took
    #[schema(required)]
    pub duration_ms: Option<f64>,
    /// What it found or made
    #[schema(required)]
    pub result: Option<BTreeMap<String, serde_json::Value>>,
    /// Why it failed
    #[schema(required)]
    pub error: Option<StepError>,
    /// The worker that made it
    pub worker: String,
}

/// Why a step failed
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StepError {
    /// Stable word to decide by
    pub code: String,
    /// One sentence
    pub message: String,
    /// Whether another attempt may help
    pub retryable: bool,
}

/// How long a step usually takes
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StepTime {
    /// Which step
    pub step: StepKind,
    /// What is asked of it
    pub action: Action,
    /// Half of its last successful attempts took so long at most
    pub typical_ms: f64,
    /// Of 100 such attempts 95 took so long at most
    pub slow_ms: f64,
    /// How many attempts that is found from, 100 at most
    pub attempts: i64,
}

/// Steps, in the order in which a tenant is made
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StepTimeList {
    /// Those that succeeded lately
    pub items: Vec<StepTime>,
}
