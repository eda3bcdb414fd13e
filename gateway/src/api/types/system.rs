//! What the process says about itself.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which build this is
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Version {
    /// The program
    #[schema(example = "gateway")]
    pub name: String,
    /// Its version
    #[schema(example = "0.1.0")]
    pub version: String,
    /// The commit it was built from, where known
    #[schema(required)]
    pub commit: Option<String>,
    /// When it was built, where known
    #[schema(required)]
    pub built_at: Option<String>,
    /// What the process was started for: the setting env
    pub environment: EnvironmentName,
}

/// What a process was started for
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EnvironmentName {
    /// Nothing in it matters
    Development,
    /// People rely on it
    Production,
}

/// Everything the ports need is there
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Ready {
    /// Always ready; a process that is not answers 503
    #[schema(example = "ready")]
    pub status: String,
    /// What was looked at
    pub parts: Vec<ReadyPart>,
}

/// One thing the ports need
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ReadyPart {
    /// Its name
    #[schema(example = "control_database")]
    pub name: String,
    /// Whether it is there
    pub ok: bool,
}
