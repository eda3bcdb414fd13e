//! Plans.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::plan::PlanNetwork;
use crate::domain::tenant::Tier;

/// What plan to make
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePlan {
    /// 1 to 40 of a-z, 0-9 and hyphen; never changes
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$", example = "gold")]
    pub name: String,
    /// What people read
    #[schema(min_length = 1, max_length = 200, example = "Gold")]
    pub title: String,
    /// Only tenants served so may have it; all may when left out. Never changes
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<Tier>,
    /// Connections the app's login may hold; as the setting tenant_connection_limit says when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 10000)]
    pub connection_limit: Option<i32>,
    /// Longest time for a statement of the app; 60 when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 86400)]
    pub statement_timeout_seconds: Option<i32>,
    /// Longest time for a transaction of the app to do nothing; 60 when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 86400)]
    pub idle_in_transaction_timeout_seconds: Option<i32>,
    /// Memory of a dedicated tenant's container; as the setting docker_app_memory_mib says when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 16, maximum = 1_048_576)]
    pub memory_mib: Option<i32>,
    /// CPUs of a dedicated tenant's container; as the setting docker_app_cpus says when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0.01, maximum = 1024)]
    pub cpus: Option<f64>,
    /// Processes of a dedicated tenant's container; as the setting docker_app_pids says when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 8, maximum = 1_000_000)]
    pub pids: Option<i32>,
    /// What network its tenants of the tier shared have; per-tenant when left out, and in a plan for dedicated ones
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<PlanNetwork>,
}

/// What to change of a plan (a JSON merge patch): null leaves a limit to the settings
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditPlan {
    /// What people read
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    pub title: Option<String>,
    /// Connections the app's login may hold
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 10000)]
    pub connection_limit: Option<Option<i32>>,
    /// Longest time for a statement of the app
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 86400)]
    pub statement_timeout_seconds: Option<i32>,
    /// Longest time for a transaction of the app to do nothing
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 86400)]
    pub idle_in_transaction_timeout_seconds: Option<i32>,
    /// Memory of a dedicated tenant's container
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>, minimum = 16, maximum = 1_048_576)]
    pub memory_mib: Option<Option<i32>>,
    /// CPUs of a dedicated tenant's container
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>, minimum = 0.01, maximum = 1024)]
    pub cpus: Option<Option<f64>>,
    /// Processes of a dedicated tenant's container
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>, minimum = 8, maximum = 1_000_000)]
    pub pids: Option<Option<i32>>,
    /// What network its tenants of the tier shared have; null is per-tenant
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<PlanNetwork>,
}

/// The limits that tenants of one kind have in common, and their network. Null is what the settings of the worker say
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Plan {
    /// What the tenants' field plan holds
    pub name: String,
    /// What people read
    pub title: String,
    /// Only tenants served so may have it
    #[schema(required)]
    pub tier: Option<Tier>,
    /// Connections the app's login may hold
    #[schema(required)]
    pub connection_limit: Option<i32>,
    /// Longest time for a statement of the app
    pub statement_timeout_seconds: i32,
    /// Longest time for a transaction of the app to do nothing
    pub idle_in_transaction_timeout_seconds: i32,
    /// Memory of a dedicated tenant's container
    #[schema(required)]
    pub memory_mib: Option<i32>,
    /// CPUs of a dedicated tenant's container
    #[schema(required)]
    pub cpus: Option<f64>,
    /// Processes of a dedicated tenant's container
    #[schema(required)]
    pub pids: Option<i32>,
    /// What network its tenants of the tier shared have; those of the tier dedicated have their own
    pub network: PlanNetwork,
    /// Tenants with it that are not deleted
    pub tenants: i64,
    /// When it was made
    pub created_at: Timestamp,
    /// When it was last changed
    pub updated_at: Timestamp,
}

/// A page of plans, by name
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PlanList {
    /// The plans
    pub items: Vec<Plan>,
    /// Give it as cursor to get the next page; null on the last
    #[schema(required)]
    pub next_cursor: Option<String>,
}
