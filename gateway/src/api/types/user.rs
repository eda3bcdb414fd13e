//! People and their roles.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::api::types::Link;
use crate::domain::person::{Role, UserState};

/// Whom to invite
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteUser {
    /// Their address, with which they log in
    #[schema(format = Email, max_length = 254, example = "jo@example.com")]
    pub email: String,
    /// What they may do, not more than the caller
    pub role: Role,
    /// What people call them
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100, pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$", example = "Jo Doe")]
    pub name: Option<String>,
}

/// What to change of an account (a JSON merge patch)
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditUser {
    /// What people call them; null for nothing
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100, pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$")]
    pub name: Option<String>,
    /// What they may do, not more than the caller; another one ends their sessions
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub role: Option<Role>,
    /// Whether they are shut out, which ends their sessions
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub disabled: Option<bool>,
}

/// A person's account
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct User {
    /// Its identity
    pub id: Uuid,
    /// Their address, with which they log in
    pub email: String,
    /// What people call them; empty where nobody said
    pub name: String,
    /// What they may do
    pub role: Role,
    /// How far the account is
    pub state: UserState,
    /// Whether they are asked for a code of an authenticator app at login
    pub totp_enabled: bool,
    /// Until when the invite can be accepted; null where there is none
    #[schema(required)]
    pub invited_until: Option<Timestamp>,
    /// Who made it
    pub created_by: String,
    /// When it was made
    pub created_at: Timestamp,
    /// When they last logged in
    #[schema(required)]
    pub last_login_at: Option<Timestamp>,
    /// When they were shut out
    #[schema(required)]
    pub disabled_at: Option<Timestamp>,
}

/// An account and the link that lets its person in. Secret where it holds the link
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct InvitedUser {
    /// The account
    pub user: User,
    /// How the person gets in
    pub link: Link,
}

/// A page of accounts, by address
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct UserList {
    /// The accounts
    pub items: Vec<User>,
    /// Give it as cursor to get the next page; null on the last
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// A role and what it allows
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RoleScopes {
    /// The role
    pub role: Role,
    /// What people with it may do
    #[schema(example = json!(["tenants:read", "operations:read"]))]
    pub scopes: Vec<String>,
    /// Whether the caller may give it to somebody
    pub assignable: bool,
}

/// The roles, from the one that may most
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RoleList {
    /// The roles
    pub items: Vec<RoleScopes>,
}
