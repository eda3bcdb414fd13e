//! Signups.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::signup::{SignupState, TenantStage};

/// What a stranger asks for
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateSignup {
    /// The customer's name
    #[schema(min_length = 1, max_length = 200, example = "Acme Corporation")]
    pub company_name: String,
    /// What the tenant is to be called: 2 to 40 of a-z, 0-9 and hyphen; made from the name when left out
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 2, max_length = 40, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$", example = "acme")]
    pub key: Option<String>,
    /// Address to write to; required where it has to be proved
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 3, max_length = 254, example = "jane@example.com")]
    pub email: Option<String>,
    /// Another name for email
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 3, max_length = 254)]
    pub contact_email: Option<String>,
    /// Whom to ask
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100, example = "Jane Doe")]
    pub contact_name: Option<String>,
    /// How to reach them
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100, example = "+49 30 123456")]
    pub contact_phone: Option<String>,
    /// For the tenant's app, which can take it once; 8 KiB of JSON at most, sealed at rest and not looked into
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = json!({"name": "Jane Doe", "password_hash": "$argon2id$…"}))]
    pub first_user: Option<BTreeMap<String, Value>>,
}

/// A token that was sent or given
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignupToken {
    /// 43 letters, digits, hyphens and underscores
    #[schema(min_length = 43, max_length = 43, pattern = "^[A-Za-z0-9_-]{43}$")]
    pub token: String,
}

/// How far a signup is, for the one who signed up
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SignupStatus {
    /// How far it is
    pub state: SignupState,
    /// How far it is, in plain words
    pub progress: String,
    /// What the tenant is or will be called
    pub key: String,
    /// The tenant, once the signup is accepted
    #[schema(required)]
    pub tenant: Option<SignupTenant>,
    /// Until when it waits; null when it does not
    #[schema(required)]
    pub expires_at: Option<Timestamp>,
    /// When it began
    pub created_at: Timestamp,
    /// Asks for its state; only in the answer that begins it, and kept nowhere
    #[schema(required)]
    pub token: Option<String>,
}

/// The tenant of a signup, for the one who signed up
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SignupTenant {
    /// What it is called
    pub key: String,
    /// How far it is
    pub stage: TenantStage,
    /// How much of its making is done, from 0 to 100
    #[schema(minimum = 0, maximum = 100)]
    pub percent: i32,
    /// Its host name; null until it has one
    #[schema(required)]
    pub host: Option<String>,
    /// Where it answers; null until it has a host
    #[schema(required)]
    pub url: Option<String>,
}

/// A key and whether it can be had
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct KeyAnswer {
    /// The key
    pub key: String,
    /// Whether a signup could have it now
    pub available: bool,
}

/// Why a signup is refused
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefuseSignup {
    /// For operators; not shown to the one who signed up
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500)]
    pub reason: Option<String>,
}

/// A signup, for operators
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Signup {
    /// Its identity
    pub id: Uuid,
    /// How far it is
    pub state: SignupState,
    /// What its tenant is or will be called
    pub key: String,
    /// The customer's name
    pub company_name: String,
    /// Address given
    #[schema(required)]
    pub email: Option<String>,
    /// Whom to ask
    #[schema(required)]
    pub contact_name: Option<String>,
    /// How to reach them
    #[schema(required)]
    pub contact_phone: Option<String>,
    /// When the address was proved
    #[schema(required)]
    pub proved_at: Option<Timestamp>,
    /// Its tenant, once it is accepted
    #[schema(required)]
    pub tenant_id: Option<Uuid>,
    /// Whether it still holds something for the tenant's app
    pub has_first_user: bool,
    /// Who approved or refused it; null where nobody had to
    #[schema(required)]
    pub decided_by: Option<String>,
    /// Why it was refused
    #[schema(required)]
    pub reason: Option<String>,
    /// When it began
    pub created_at: Timestamp,
    /// Until when it waits; null when it does not
    #[schema(required)]
    pub expires_at: Option<Timestamp>,
    /// When it ended
    #[schema(required)]
    pub ended_at: Option<Timestamp>,
}

/// A page of signups, newest first
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SignupList {
    /// The signups
    pub items: Vec<Signup>,
    /// Give it as cursor to get the next page; null on the last
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// What a signup left for its tenant's app
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct FirstUser {
    /// The address given
    #[schema(required)]
    pub email: Option<String>,
    /// Whether that was proved by a link in a letter
    pub email_proved: bool,
    /// Whom to ask
    #[schema(required)]
    pub contact_name: Option<String>,
    /// How to reach them
    #[schema(required)]
    pub contact_phone: Option<String>,
    /// The payload as it was given
    #[schema(required)]
    pub first_user: Option<BTreeMap<String, Value>>,
}
