//! Who calls, and what an app may learn about its tenant.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::person::Role;

/// What to log in with
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The account
    #[schema(
        example = "owner@localhost",
        min_length = 1,
        max_length = 254,
        pattern = r"^[^\u0000-\u001f\u007f-\u009f]*[^\s\u0000-\u001f\u007f-\u009f][^\u0000-\u001f\u007f-\u009f]*$"
    )]
    pub email: String,
    /// Its password
    #[schema(format = Password, max_length = 1024)]
    pub password: String,
    /// What the authenticator app shows, or a recovery code; asked for with totp_required
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "123456", max_length = 64)]
    pub code: Option<String>,
}

/// A person or a program
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PrincipalKind {
    /// A person with a session
    User,
    /// A program with an API key
    ApiKey,
}

/// Who calls
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Me {
    /// A person or a program
    pub kind: PrincipalKind,
    /// Name of the API key, or the person's address
    pub name: String,
    /// The person's address; null for a program
    #[schema(required)]
    pub email: Option<String>,
    /// The person's role; null for a program
    #[schema(required)]
    pub role: Option<Role>,
    /// Whether the person is asked for a code of an authenticator app at login; null for a program
    #[schema(required)]
    pub totp_enabled: Option<bool>,
    /// What the caller may do
    #[schema(example = json!(["tenants:read", "operations:read"]))]
    pub scopes: Vec<String>,
    /// Ids of the tenants the caller sees; null for no limit
    #[schema(required)]
    pub tenants: Option<Vec<Uuid>>,
    /// Ids of the shared pools whose tenants the caller sees; null for no limit
    #[schema(required)]
    pub pools: Option<Vec<Uuid>>,
}

/// How a tenant's app reaches its database. Secret
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Credentials {
    /// All of it in one URL
    #[schema(format = Password)]
    pub database_url: String,
    /// Host of the database server
    pub host: String,
    /// Port of the database server
    pub port: u16,
    /// The tenant's database
    pub database: String,
    /// The app's login
    pub username: String,
    /// Its password
    #[schema(format = Password)]
    pub password: String,
    /// The customer's name, which apps show
    pub company_name: String,
}
