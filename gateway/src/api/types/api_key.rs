//! API keys.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What key to make
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApiKey {
    /// Shown in records of what it does
    #[schema(min_length = 1, max_length = 100, example = "billing")]
    pub name: String,
    /// What it may do, not more than its maker; * for everything
    #[schema(min_items = 1, example = json!(["tenants:read", "operations:read"]))]
    pub scopes: Vec<String>,
    /// Ids of the only tenants it sees
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 1000)]
    pub tenants: Option<Vec<Uuid>>,
    /// Ids of the only shared pools whose tenants it sees
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 100)]
    pub pools: Option<Vec<Uuid>>,
    /// When it stops working; never when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// How to exchange a key's secret
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateApiKey {
    /// How long the former secret still works; a day when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 2_592_000)]
    pub overlap_seconds: Option<f64>,
}

/// An API key; its secret is never shown again
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ApiKey {
    /// Its identity, and the middle part of the key
    #[schema(example = "4fVq8ZkT0aBc")]
    pub id: String,
    /// Shown in records of what it does
    pub name: String,
    /// What it may do
    pub scopes: Vec<String>,
    /// Ids of the only tenants it sees; null for no limit
    #[schema(required)]
    pub tenants: Option<Vec<Uuid>>,
    /// Ids of the only shared pools whose tenants it sees; null for no limit
    #[schema(required)]
    pub pools: Option<Vec<Uuid>>,
    /// Who made it
    pub created_by: String,
    /// When it was made
    pub created_at: Timestamp,
    /// When it stops working; null for never
    #[schema(required)]
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute
    #[schema(required)]
    pub last_used_at: Option<Timestamp>,
    /// When its secret was last exchanged
    #[schema(required)]
    pub rotated_at: Option<Timestamp>,
    /// Until when the secret before that works
    #[schema(required)]
    pub former_until: Option<Timestamp>,
    /// When it was revoked
    #[schema(required)]
    pub revoked_at: Option<Timestamp>,
}

/// An API key with its secret, which is shown this once. Secret
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct NewApiKey {
    /// The whole key, to be sent as Authorization: Bearer
    #[schema(format = Password)]
    pub key: String,
    /// What is known of it
    pub api_key: ApiKey,
}

/// A page of API keys, newest first
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ApiKeyList {
    /// The keys
    pub items: Vec<ApiKey>,
    /// Give it as cursor to get the next page; null on the last
    #[schema(required)]
    pub next_cursor: Option<String>,
}
