//! Shared pools.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::pool::{MemberState, PoolState};

/// What pool to make
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreatePool {
    /// 1 to 40 of a-z, 0-9 and hyphen; never changes
    #[schema(min_length = 1, max_length = 40, pattern = "^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$", example = "europe")]
    pub name: String,
    /// Where its one member answers, as Traefik and the tenant port reach it; not together with members
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "http://10.0.0.7:8080")]
    pub backend_url: Option<String>,
    /// Where its members answer; requests are spread over them
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 16)]
    pub members: Option<Vec<String>>,
    /// What its containers run, where the gateway is to run its members; not together with backend_url and members. Where
    /// only replicas are given, the image that the setting docker_app_image names
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = "^[A-Za-z0-9][A-Za-z0-9._:/@-]*$",
        example = "registry.example.com/app:1.4"
    )]
    pub image: Option<String>,
    /// How many containers it has; 1 when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 15)]
    pub replicas: Option<i32>,
    /// The port they listen on, which they are told as PORT; as the setting docker_app_port says when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 65535)]
    pub port: Option<i32>,
    /// Their environment, beside the setting docker_app_env_overrides; 100 variables at most. The values are never shown again
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = json!({"LOG_LEVEL": "info"}))]
    pub environment: Option<BTreeMap<String, String>>,
    /// Memory of each; as the setting docker_app_memory_mib says when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 16, maximum = 1_048_576)]
    pub memory_mib: Option<i32>,
    /// CPUs of each; as the setting docker_app_cpus says when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0.01, maximum = 1024)]
    pub cpus: Option<f64>,
    /// Processes of each; as the setting docker_app_pids says when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 8, maximum = 1_000_000)]
    pub pids: Option<i32>,
    /// Tenants it takes at most; any number when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub capacity: Option<i32>,
    /// A tenant whose creator names no pool goes where tenants divided by weight are fewest; 100 when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1000)]
    pub weight: Option<i32>,
}

/// What to change of a pool (a JSON merge patch)
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditPool {
    /// Where its one member answers, as Traefik and the tenant port reach it; not together with members
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub backend_url: Option<String>,
    /// Where its members answer, in place of those it has
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 16, nullable = false)]
    pub members: Option<Vec<String>>,
    /// What its containers run; only of a pool whose members the gateway runs, as are those below. They are replaced one
    /// after the other
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 500, pattern = "^[A-Za-z0-9][A-Za-z0-9._:/@-]*$", nullable = false)]
    pub image: Option<String>,
    /// How many containers it has
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 15, nullable = false)]
    pub replicas: Option<i32>,
    /// The port they listen on; null for the setting docker_app_port
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 65535)]
    pub port: Option<Option<i32>>,
    /// Variables of their environment to set, and with null to remove
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = json!({"LOG_LEVEL": "debug", "TRACE": null}))]
    pub environment: Option<BTreeMap<String, Option<String>>>,
    /// Memory of each; null for the setting docker_app_memory_mib
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>, minimum = 16, maximum = 1_048_576)]
    pub memory_mib: Option<Option<i32>>,
    /// CPUs of each; null for the setting docker_app_cpus
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>, minimum = 0.01, maximum = 1024)]
    pub cpus: Option<Option<f64>>,
    /// Processes of each; null for the setting docker_app_pids
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>, minimum = 8, maximum = 1_000_000)]
    pub pids: Option<Option<i32>>,
    /// Tenants it takes at most; null for any number
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i32>, minimum = 0, maximum = 1_000_000)]
    pub capacity: Option<Option<i32>>,
    /// Its weight
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1000, nullable = false)]
    pub weight: Option<i32>,
}

/// App containers or URLs that serve shared tenants
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Pool {
    /// Its identity
    pub id: Uuid,
    /// What people call it
    pub name: String,
    /// Where its first member answers; empty where none of a managed pool's does
    pub backend_url: String,
    /// Where its members answer, as its tenants are led there. Of a managed pool those that answered when they were last
    /// asked, so there may be none
    pub members: Vec<String>,
    /// Members that answered when they were last asked
    pub healthy_members: i64,
    /// Whether the gateway runs its members
    pub managed: bool,
    /// What its containers run; null where it is not managed, as are those below
    #[schema(required)]
    pub image: Option<String>,
    /// How many containers it is to have
    #[schema(required)]
    pub replicas: Option<i32>,
    /// The port they listen on; null also where the setting docker_app_port says
    #[schema(required)]
    pub port: Option<i32>,
    /// Names of the variables that were set in their environment; the values are never shown
    pub environment: Vec<String>,
    /// Memory of each; null also where the setting docker_app_memory_mib says
    #[schema(required)]
    pub memory_mib: Option<i32>,
    /// CPUs of each; null also where the setting docker_app_cpus says
    #[schema(required)]
    pub cpus: Option<f64>,
    /// Processes of each; null also where the setting docker_app_pids says
    #[schema(required)]
    pub pids: Option<i32>,
    /// Counts the wishes about a managed pool; 0 where it is not
    pub revision: i64,
    /// The wish that was last made true. While it is below revision, a worker has work or problem says what hinders it
    pub observed_revision: i64,
    /// Why the last attempt to make it true failed; null where none did
    #[schema(required)]
    pub problem: Option<PoolProblem>,
    /// Whether it takes new tenants and serves those it has
    pub state: PoolState,
    /// Tenants it takes at most; null for any number
    #[schema(required)]
    pub capacity: Option<i32>,
    /// A tenant whose creator names no pool goes where tenants divided by weight are fewest
    pub weight: i32,
    /// Whether the settings say where it is; then its members are not changed here, nor is it removed
    pub from_settings: bool,
    /// Tenants in it that are not deleted
    pub tenants: i64,
    /// When it was made
    pub created_at: Timestamp,
}

/// Why a managed pool is not as wanted
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PoolProblem {
    /// Stable word
    #[schema(example = "image_missing")]
    pub code: String,
    /// In one sentence
    pub message: String,
    /// Whether a worker tries again by itself; else somebody has to mend it and ask for it
    pub retried: bool,
}

/// A member of a pool
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PoolMember {
    /// Where it answers
    pub url: String,
    /// How it was when it was last asked; starting before it ever answered
    pub state: MemberState,
    /// Since when; null where nobody asked yet
    #[schema(required)]
    pub since: Option<Timestamp>,
    /// Whether the pool's tenants are led there now
    pub used: bool,
    /// Docker's id of its container; null where the gateway does not run it, or it is not made yet
    #[schema(required)]
    pub container_id: Option<String>,
    /// Digest of the image that runs in it
    #[schema(required)]
    pub image_id: Option<String>,
}

/// The members of a pool
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PoolMemberList {
    /// The members
    pub items: Vec<PoolMember>,
}

/// A page of pools, by name
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PoolList {
    /// The pools
    pub items: Vec<Pool>,
    /// Give it as cursor to get the next page; null on the last
    #[schema(required)]
    pub next_cursor: Option<String>,
}
