//! Numbers to plan by.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// How much of something is used; null stands for what is not known, or has no limit
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct Amount {
    /// How much is used
    #[schema(required)]
    pub used: Option<i64>,
    /// How much there may be
    #[schema(required)]
    pub limit: Option<i64>,
    /// How much is left; below 0 where more was promised than there is
    #[schema(required)]
    pub free: Option<i64>,
    /// Since when it was measured so
    #[schema(required)]
    pub measured_at: Option<Timestamp>,
}

/// Subnets of tenants and managed pools, counted in those of a tenant: a managed pool's is two
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SubnetCapacity {
    /// The block they are taken from
    #[schema(example = "10.88.0.0/16")]
    pub block: String,
    /// Those that rest after a tenant or a pool; neither used nor free
    pub quarantined: i64,
    /// How many there are
    pub amount: Amount,
}

/// A database server
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ServerCapacity {
    /// Its identity
    pub id: Uuid,
    /// Its name
    pub name: String,
    /// Its state: active, draining or offline
    pub state: String,
    /// Tenants on it
    pub tenants: i64,
    /// Connections that tenants' apps may hold together, against what the server takes without those it reserves
    pub connections: Amount,
    /// Tenants' databases on it, retired ones too
    pub databases: Amount,
    /// Their size on disk in bytes, to the next MiB, measured once an hour and when databases came or went
    pub database_bytes: Amount,
}

/// A shared pool
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PoolCapacity {
    /// Its identity
    pub id: Uuid,
    /// Its name
    pub name: String,
    /// Tenants in it that are not deleted
    pub tenants: i64,
}

/// Work on tenants that is open
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub struct QueueCapacity {
    /// Due, and no worker has it: first attempts at what people asked for
    pub due: i64,
    /// Due, and no worker has it: repairs and further attempts
    pub behind: i64,
    /// Due later
    pub later: i64,
    /// A worker has it
    pub claimed: i64,
    /// Waits because the tenant is paused
    pub paused: i64,
    /// How long the oldest of what is due has waited, in seconds; null when nothing is
    #[schema(required)]
    pub oldest_seconds: Option<f64>,
}

/// A worker that has something to do
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WorkerCapacity {
    /// Its name
    pub name: String,
    /// Tenants it has a lease on
    pub tenants: i64,
    /// Jobs on the fleet it has a lease on
    pub jobs: i64,
}

/// What is used up and what is left
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Capacity {
    /// When the control database was asked
    pub at: Timestamp,
    /// Subnets of tenants
    pub subnets: SubnetCapacity,
    /// Database servers, by name
    pub servers: Vec<ServerCapacity>,
    /// Shared pools, by name
    pub pools: Vec<PoolCapacity>,
    /// Docker networks with the mark of this control plane, as the last look for drift saw them
    pub networks: Amount,
    /// Docker containers, likewise
    pub containers: Amount,
    /// Work on tenants that is open
    pub queue: QueueCapacity,
    /// Workers that have something to do, by name; one that waits for work is not seen
    pub workers: Vec<WorkerCapacity>,
}
