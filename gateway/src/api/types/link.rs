//! Links that are handed to people, and what they do with them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::person::Role;

/// A link that works once. Secret where it holds the URL
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct Link {
    /// Whether it went to the person by mail; else the caller passes it on
    pub sent: bool,
    /// The link, this once; null where it went by mail
    #[schema(required, format = Password)]
    pub url: Option<String>,
    /// When it stops working
    pub expires_at: Timestamp,
}

/// The token of an invite
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InviteToken {
    /// What stands behind the # of the link
    #[schema(format = Password, max_length = 100)]
    pub token: String,
}

/// An invite as its guest sees it
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct InviteShown {
    /// The address to log in with
    pub email: String,
    /// What people call the guest; empty where nobody said
    pub name: String,
    /// What the guest may do
    pub role: Role,
    /// When the invite stops working
    pub expires_at: Timestamp,
}

/// How to accept an invite
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AcceptInvite {
    /// What stands behind the # of the link
    #[schema(format = Password, max_length = 100)]
    pub token: String,
    /// The password to log in with from now on
    #[schema(format = Password, min_length = 12, max_length = 256)]
    pub password: String,
    /// What people call the guest; as the inviter said when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100, pattern = r"^[^\u0000-\u001f\u007f-\u009f]*$")]
    pub name: Option<String>,
}

/// For whom to reset the password
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestReset {
    /// The account
    #[schema(format = Email, max_length = 254)]
    pub email: String,
}

/// How to set another password with a link
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmReset {
    /// What stands behind the # of the link
    #[schema(format = Password, max_length = 100)]
    pub token: String,
    /// The password to log in with from now on
    #[schema(format = Password, min_length = 12, max_length = 256)]
    pub password: String,
}
