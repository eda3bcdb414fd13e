//! `/api/gateway/signups`: what operators do about signups; one file per verb.

pub(super) mod approve;
pub(super) mod get;
pub(super) mod list;
pub(super) mod refuse;

use axum::http::StatusCode;
use uuid::Uuid;

use crate::api::call::Effect;
use crate::api::problem::Refusal;
use crate::api::signup::Told;
use crate::api::types::Signup;
use crate::domain::ids::SignupId;
use crate::store::signups::SignupRecord;

/// What operators are shown of a signup.
fn shown(record: SignupRecord) -> Signup {
    Signup {
        id: record.id.as_uuid(),
        state: record.state,
        key: record.key,
        company_name: record.company_name,
        email: record.email,
        contact_name: record.contact_name,
        contact_phone: record.contact_phone,
        proved_at: record.proved_at,
        tenant_id: record.tenant.map(|tenant| tenant.id.as_uuid()),
        has_first_user: record.has_first_user,
        decided_by: record.decided_by,
        reason: record.reason,
        created_at: record.created_at,
        expires_at: record.expires_at.filter(|_| record.state.is_waiting()),
        ended_at: record.ended_at,
    }
}

/// The signup a path names.
fn signup_id(text: &str) -> Result<SignupId, Refusal> {
    Uuid::try_parse(text).map(SignupId::from_uuid).map_err(|_| Refusal::no_such_signup())
}

/// What a decision is answered with.
fn decided(status: StatusCode, before: &SignupRecord, after: &SignupRecord) -> Result<Effect, Refusal> {
    let effect = Effect::new(status, format!("signup:{}", after.id), &shown(after.clone()))?;
    effect.changing(Some(&Told::of(before)), Some(&Told::of(after)))
}
