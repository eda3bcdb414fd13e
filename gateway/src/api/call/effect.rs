//! What a call did, and how that is answered.

use axum::Json;
use axum::http::header::{ETAG, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::Value;

use crate::api::problem::Refusal;
use crate::domain::ids::{InspectionId, OperationId, PoolId, TenantId};
use crate::domain::version::Version;

/// What is looked at when the caller waits, and answered afterwards.
#[derive(Clone, Copy, Debug)]
pub(in crate::api) enum Awaited {
    /// A tenant's latest operation; the answer is the tenant.
    Tenant(TenantId),
    /// An operation; the answer is the operation.
    Operation(OperationId),
    /// A reading of a tenant's log; the answer is the reading with its lines.
    Logs(InspectionId),
    /// The work on a managed pool; the answer is the pool.
    Pool(PoolId),
}

/// What a call did.
#[derive(Debug)]
pub(in crate::api) struct Effect {
    pub(super) status: StatusCode,
    pub(super) body: Value,
    pub(super) location: Option<String>,
    pub(super) is_place_secret: bool,
    pub(super) etag: Option<Version>,
    pub(super) target: String,
    pub(super) before: Option<Value>,
    pub(super) after: Option<Value>,
    pub(super) awaited: Option<Awaited>,
}

fn value_of(shown: &impl Serialize) -> Result<Value, Refusal> {
    serde_json::to_value(shown).map_err(|error| Refusal::internal().because(&error))
}

impl Effect {
    /// An answer about `target`, a `kind:id`.
    pub(in crate::api) fn new(status: StatusCode, target: String, body: &impl Serialize) -> Result<Self, Refusal> {
        let body = value_of(body)?;
        Ok(Self {
            status,
            body,
            target,
            location: None,
            is_place_secret: false,
            etag: None,
            before: None,
            after: None,
            awaited: None,
        })
    }

    /// Something was made: what it is stands in the answer and in the audit log. It holds no secret.
    pub(in crate::api) fn made(target: String, made: &impl Serialize) -> Result<Self, Refusal> {
        Self::new(StatusCode::CREATED, target, made)?.changing(None::<&Value>, Some(made))
    }

    /// Something was changed: what it is stands in the answer, and how it was and is in the audit log. It holds no secret.
    pub(in crate::api) fn changed<T: Serialize>(target: String, before: &T, after: &T) -> Result<Self, Refusal> {
        Self::new(StatusCode::OK, target, after)?.changing(Some(before), Some(after))
    }

    /// Something was removed: how it was stands in the answer and in the audit log. It held no secret.
    pub(in crate::api) fn removed(target: String, before: &impl Serialize) -> Result<Self, Refusal> {
        Self::new(StatusCode::OK, target, before)?.changing(Some(before), None::<&Value>)
    }

    /// How the target was and how it is, for the audit log; without secrets.
    pub(in crate::api) fn changing(
        mut self,
        before: Option<&impl Serialize>,
        after: Option<&impl Serialize>,
    ) -> Result<Self, Refusal> {
        self.before = before.map(value_of).transpose()?;
        self.after = after.map(value_of).transpose()?;
        Ok(self)
    }

    /// Where to look next.
    pub(in crate::api) fn at(mut self, location: Option<String>) -> Self {
        self.location = location;
        self
    }

    /// Where to look next, by a path that is a secret itself: it is sealed wherever it is kept.
    pub(in crate::api) fn at_secret(mut self, location: String) -> Self {
        self.location = Some(location);
        self.is_place_secret = true;
        self
    }

    /// The version of the tenant in the answer.
    pub(in crate::api) const fn versioned(mut self, version: Version) -> Self {
        self.etag = Some(version);
        self
    }

    /// What the caller may wait for.
    pub(in crate::api) const fn awaiting(mut self, awaited: Awaited) -> Self {
        self.awaited = Some(awaited);
        self
    }
}

/// The tag of a version.
pub(in crate::api) fn etag(version: Version) -> String {
    format!("\"{version}\"")
}

/// An answer with its body and where to look next.
pub(super) fn answer_of(status: StatusCode, body: &Value, location: Option<&str>, tag: Option<&str>) -> Response {
    let mut response = match body {
        Value::Null => status.into_response(),
        body => (status, Json(body)).into_response(),
    };
    for (name, value) in [(LOCATION, location), (ETAG, tag)] {
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
