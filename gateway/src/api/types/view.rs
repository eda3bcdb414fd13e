//! Lists of tenants that people keep under a name.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A list of tenants that somebody keeps
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SavedView {
    /// Its identity
    pub id: Uuid,
    /// Its name
    pub name: String,
    /// Whether everybody sees it
    pub shared: bool,
    /// Parameters of list_tenants, as in a URL
    #[schema(example = "status=error&sort=-updated_at")]
    pub query: String,
    /// Columns that are shown, in order; empty for those that are shown by default
    pub columns: Vec<String>,
    /// Address of whose it is
    pub owner: String,
    /// Whether it is the caller's own, who alone changes it
    pub own: bool,
    /// When it was made
    pub created_at: Timestamp,
    /// When it was changed last
    pub updated_at: Timestamp,
}

/// A page of views, newest first
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SavedViewList {
    /// One's own, and those that others share
    pub items: Vec<SavedView>,
    /// Give it as cursor to get the next page; null on the last
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// A view to keep
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateView {
    /// Its name, which none other of one's own has
    #[schema(min_length = 1, max_length = 60, example = "Failed")]
    pub name: String,
    /// Whether everybody sees it; false when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<bool>,
    /// Parameters of list_tenants, as in a URL, without cursor, limit and fields
    #[schema(max_length = 2000, example = "status=error&sort=-updated_at")]
    pub query: String,
    /// Columns that are shown, in order
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 40)]
    pub columns: Option<Vec<String>>,
}

/// What to change about a view; what is left out stays
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditView {
    /// Another name
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 60, nullable = false)]
    pub name: Option<String>,
    /// Whether everybody sees it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub shared: Option<bool>,
    /// Other parameters
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 2000, nullable = false)]
    pub query: Option<String>,
    /// Columns that are shown, in order; null for those that are shown by default
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 40)]
    pub columns: Option<Vec<String>>,
}
