//! Passwords and second factors of the caller.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How to change one's password
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The one that works until now
    #[schema(format = Password, max_length = 1024)]
    pub current_password: String,
    /// The one that works from now on
    #[schema(format = Password, min_length = 12, max_length = 256)]
    pub new_password: String,
}

/// How to begin with an authenticator app
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnrolTotp {
    /// The caller's password
    #[schema(format = Password, max_length = 1024)]
    pub password: String,
}

/// What the authenticator app needs. Secret
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct NewTotp {
    /// In base 32, for typing
    #[schema(format = Password)]
    pub secret: String,
    /// The same for a QR code
    #[schema(format = Password)]
    pub otpauth_url: String,
}

/// A code of the authenticator app
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TotpCode {
    /// Six digits
    #[schema(example = "123456", max_length = 64)]
    pub code: String,
}

/// How to show once more who one is
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisableTotp {
    /// The caller's password
    #[schema(format = Password, max_length = 1024)]
    pub password: String,
    /// What the authenticator app shows, or a recovery code
    #[schema(example = "123456", max_length = 64)]
    pub code: String,
}

/// Codes that let the person log in without the app, once each. Secret
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct RecoveryCodes {
    /// Ten of them, shown this once
    pub recovery_codes: Vec<String>,
}
