//! Refusals: every answer of 400 and above, each with a stable code. Listed in `gateway/docs/errors.md`.

use std::error::Error;

use axum::Json;
use axum::http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use crate::api::types::{FieldError, Problem};
use crate::domain::operation::{OperationKind, OperationState};
use crate::store::StoreError;

/// Content type of [`Problem`].
pub const PROBLEM_JSON: &str = "application/problem+json";
/// What a 401 asks for.
pub const CHALLENGE: HeaderValue = HeaderValue::from_static("Bearer realm=\"gateway\"");

/// A call that is refused or failed. Becomes a [`Problem`]; the cause goes to the log only.
#[derive(Clone, Debug)]
pub struct Refusal(Box<Parts>);

#[derive(Clone, Debug)]
struct Parts {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: String,
    errors: Vec<FieldError>,
    header: Option<(HeaderName, HeaderValue)>,
    cause: Option<String>,
}

impl Refusal {
    /// A refusal with this code; `detail` is for people and holds no secret.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self(Box::new(Parts { status, code, title, detail, errors: Vec::new(), header: None, cause: None }))
    }

    /// Adds the wrong fields.
    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.0.errors = errors;
        self
    }

    /// Adds a header, such as `retry-after`.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.header = Some((name, value));
        self
    }

    /// Adds the cause, for the log.
    #[must_use]
    pub fn because(mut self, cause: &(dyn Error + 'static)) -> Self {
        let mut text = cause.to_string();
        let mut next = cause.source();
        while let Some(error) = next {
            text.push_str(": ");
            text.push_str(&error.to_string());
            next = error.source();
        }
        self.0.cause = Some(text);
        self
    }

    /// Nobody known calls.
    #[must_use]
    pub fn unauthenticated(detail: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", "Authentication required", detail)
            .with_header(WWW_AUTHENTICATE, CHALLENGE)
    }

    /// The caller may not do this.
    #[must_use]
    pub fn missing_scope(scope: &str) -> Self {
        let detail = format!("this call needs the scope {scope}");
        Self::new(StatusCode::FORBIDDEN, "missing_scope", "Not allowed", detail)
    }

    /// The caller sees only some tenants.
    #[must_use]
    pub fn outside_reach(detail: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "outside_reach", "Not allowed", detail)
    }

    /// A program calls what is for people only.
    #[must_use]
    pub fn people_only() -> Self {
        let detail = "this is about the caller's own account, and an API key has none; log in";
        Self::new(StatusCode::FORBIDDEN, "people_only", "For people only", detail)
    }

    /// The caller would get or give more than it may do.
    #[must_use]
    pub fn beyond_caller(detail: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "beyond_caller", "Not allowed", detail)
    }

    /// Fields are wrong; all of them are named.
    #[must_use]
    pub fn validation(errors: Vec<FieldError>) -> Self {
        let detail = match &*errors {
            [only] if only.pointer.is_empty() => format!("the body {}", only.message),
            [only] => format!("{} {}", only.pointer.trim_start_matches('/'), only.message),
            more => format!("{} fields are wrong", more.len()),
        };
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "validation_failed", "Fields are wrong", detail).with_errors(errors)
    }

    /// No such tenant.
    #[must_use]
    pub fn no_such_tenant() -> Self {
        let detail = "there is no tenant with this id, and none that is not deleted with this key";
        Self::new(StatusCode::NOT_FOUND, "tenant_not_found", "No such tenant", detail)
    }

    /// No such signup.
    #[must_use]
    pub fn no_such_signup() -> Self {
        let detail = "there is no such signup, or no longer";
        Self::new(StatusCode::NOT_FOUND, "signup_not_found", "No such signup", detail)
    }

    /// A stranger cannot have a key; whose it is, or what it looks like, is not said.
    #[must_use]
    pub fn key_unavailable() -> Self {
        conflict("key_unavailable", "Key not available", "this key is not available; choose another".into())
            .with_errors(field("/key", "unavailable", "is not available"))
    }

    /// No such operation.
    #[must_use]
    pub fn no_such_operation() -> Self {
        let detail = "there is no operation with this id";
        Self::new(StatusCode::NOT_FOUND, "operation_not_found", "No such operation", detail)
    }

    /// No such job.
    #[must_use]
    pub fn no_such_job() -> Self {
        let detail = "there is no job with this id";
        Self::new(StatusCode::NOT_FOUND, "job_not_found", "No such job", detail)
    }

    /// No such batch.
    #[must_use]
    pub fn no_such_batch() -> Self {
        let detail = "there is no batch with this id";
        Self::new(StatusCode::NOT_FOUND, "batch_not_found", "No such batch", detail)
    }

    /// No such path.
    #[must_use]
    pub fn no_such_route() -> Self {
        let detail = "nothing is served at this path";
        Self::new(StatusCode::NOT_FOUND, "route_not_found", "No such path", detail)
    }

    /// A bug, or a broken part.
    #[must_use]
    pub fn internal() -> Self {
        let detail = "the cause is in the log under this request's id";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "Internal error", detail)
    }

    /// Too slow.
    #[must_use]
    pub fn timeout() -> Self {
        let detail = "the call took too long; what it asked for may still have been done";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", "Timed out", detail)
    }

    /// Its HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// The wrong fields.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.0.errors
    }

    /// The cause, for the log.
    #[must_use]
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }

    /// What a response that is not ours, such as an empty 405 of the router, means.
    #[must_use]
    pub fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::no_such_route(),
            StatusCode::METHOD_NOT_ALLOWED => {
                let detail = "this path does not answer this method; the allow header lists those it does";
                Self::new(status, "method_not_allowed", "Method not allowed", detail)
            }
            StatusCode::PAYLOAD_TOO_LARGE => {
                Self::new(status, "body_too_large", "Body too large", "the body may have 65536 bytes at most")
            }
            _ if status.is_client_error() => {
                Self::new(status, "bad_request", "Bad request", "the request could not be read")
            }
            _ => Self::internal(),
        }
    }

    /// The answer, with `instance` as the request's id.
    #[must_use]
    pub fn render(&self, instance: &str) -> Response {
        let parts = &*self.0;
        let problem = Problem {
            kind: format!("/problems/{}", parts.code),
            title: parts.title.to_owned(),
            status: parts.status.as_u16(),
            detail: parts.detail.clone(),
            code: parts.code.to_owned(),
            instance: instance.to_owned(),
            errors: parts.errors.clone(),
        };
        let mut response = (parts.status, Json(problem)).into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some((name, value)) = &parts.header {
            response.headers_mut().insert(name, value.clone());
        }
        response
    }
}

/// Headers of a response that stay when its body is replaced by a problem.
#[must_use]
pub fn kept_headers(from: &HeaderMap) -> Vec<(HeaderName, HeaderValue)> {
    let kept = |name: &HeaderName| {
        name == ALLOW || name == RETRY_AFTER || name.as_str().starts_with("access-control-") || name == "vary"
    };
    from.iter().filter(|(name, _)| kept(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
}

impl IntoResponse for Refusal {
    /// Carries itself as an extension too, so that the outermost layer can fill in the request's id.
    fn into_response(self) -> Response {
        let mut response = self.render("");
        response.extensions_mut().insert(self);
        response
    }
}

fn conflict(code: &'static str, title: &'static str, detail: String) -> Refusal {
    Refusal::new(StatusCode::CONFLICT, code, title, detail)
}

fn field(pointer: &str, code: &str, message: &str) -> Vec<FieldError> {
    vec![FieldError { pointer: pointer.into(), code: code.into(), message: message.into() }]
}

/// What to do about an operation that is not cancelled.
fn instead_of_cancelling(kind: OperationKind, state: OperationState) -> String {
    if !state.is_open() {
        return format!("the {kind} has ended as {state}; only what is pending or running can be cancelled");
    }
    match kind {
        OperationKind::Suspend => "a suspension is not cancelled; reactivate the tenant instead".into(),
        OperationKind::Deprovision => "a deletion is not cancelled; undelete the tenant instead".into(),
        OperationKind::Purge => "the tenant's data is being removed for good; there is no way back".into(),
        _ => format!("a {kind} of a suspended tenant is not cancelled; a newer request takes its place"),
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        let cause = error.to_string();
        match &error {
            StoreError::KeyTaken => conflict(
                "key_taken",
                "Key taken",
                "another tenant has this key; a deleted one keeps it until its data is gone".into(),
            )
            .with_errors(field("/key", "taken", "is taken")),
            StoreError::KeyUnavailable => Self::key_unavailable(),
            StoreError::TooManyWaiting => {
                let detail = "as many signups wait to be decided as may; try again later";
                Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_signups", "Too many signups", detail)
                    .with_header(RETRY_AFTER, HeaderValue::from_static("3600"))
            }
            // Which part is full is nothing for strangers; operators see it under capacity.
            StoreError::NoRoom(_) => {
                let detail = "there is no room for another one at the moment; try again later";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "no_room", "No room", detail)
                    .with_header(RETRY_AFTER, HeaderValue::from_static("300"))
            }
            StoreError::SignupNotWaiting(_) => conflict("signup_not_waiting", "Not waiting", cause),
            StoreError::HostTaken => conflict("host_taken", "Host taken", "another tenant has this host".into())
                .with_errors(field("/host", "taken", "is taken")),
            StoreError::NoSuchPool => Self::validation(field("/pool_id", "no_such_pool", "names no pool")),
            StoreError::NoSuchTenant => {
                Self::validation(field("/tenants", "no_such_tenant", "names a tenant that is not there"))
            }
            StoreError::Outdated => {
                let detail = "it has changed since the version in if-match; look at it again";
                Self::new(StatusCode::PRECONDITION_FAILED, "precondition_failed", "Changed meanwhile", detail)
            }
            StoreError::KeyReused => {
                let detail = "this idempotency key was given with another call; take a new one for each";
                Self::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", "Idempotency key reused", detail)
            }
            StoreError::Labels(error) => Self::validation(field("/labels", error.code(), &error.to_string())),
            StoreError::PoolNameTaken => {
                conflict("name_taken", "Name taken", "another shared pool has this name".into())
                    .with_errors(field("/name", "taken", "is taken"))
            }
            StoreError::ViewNameTaken => {
                conflict("name_taken", "Name taken", "another view of yours has this name".into())
                    .with_errors(field("/name", "taken", "is taken"))
            }
            StoreError::TooManyViews => conflict("too_many_views", "Too many views", cause),
            StoreError::EmailTaken => {
                conflict("email_taken", "Address taken", "another account has this address".into())
                    .with_errors(field("/email", "taken", "is taken"))
            }
            StoreError::LastOwner => {
                let detail = "this is the last owner who can log in; let another one be there first";
                conflict("last_owner", "Last owner", detail.into())
            }
            StoreError::NoSuchPlan => Self::validation(field("/plan", "no_such_plan", "names no plan")),
            StoreError::PlanUnfit => Self::validation(field("/plan", "plan_unfit", "is for tenants of the other tier")),
            StoreError::PlanNetworkUnfit => {
                let message =
                    "must be per-tenant in a plan for dedicated tenants: their containers are on their networks";
                Self::validation(field("/network", "network_unfit", message))
            }
            StoreError::PlanNameTaken => conflict("name_taken", "Name taken", "another plan has this name".into())
                .with_errors(field("/name", "taken", "is taken")),
            StoreError::PlanInUse => conflict("plan_in_use", "In use", cause),
            StoreError::PoolInUse => conflict("pool_in_use", "In use", cause),
            StoreError::PoolClosed(_) => conflict("pool_closed", "Takes no tenants", cause),
            StoreError::PoolFull => conflict("pool_full", "Full", cause),
            StoreError::PoolOfSettings => {
                let detail = "the default pool is where GATEWAY_APP_BACKEND_URL says; change it there";
                conflict("pool_of_settings", "From the settings", detail.into())
            }
            StoreError::ServerNameTaken => {
                conflict("name_taken", "Name taken", "another database server has this name".into())
                    .with_errors(field("/name", "taken", "is taken"))
            }
            StoreError::ServerInUse => conflict("database_server_in_use", "In use", cause),
            StoreError::ServerOfSettings => {
                let detail = "the default database server is where GATEWAY_TENANT_DATABASE_URL and \
                              GATEWAY_TENANT_DATABASE_ADDRESS say; change it there";
                conflict("database_server_of_settings", "From the settings", detail.into())
            }
            StoreError::PoolManaged => {
                let detail = "the gateway runs the members of this pool; change its image or replicas instead";
                conflict("pool_managed", "Members are containers", detail.into())
            }
            StoreError::PoolNotManaged => {
                let detail = "somebody else runs the members of this pool; make one with an image instead";
                conflict("pool_not_managed", "No containers", detail.into())
            }
            StoreError::PoolDeleting => conflict("pool_deleting", "Being deleted", cause),
            StoreError::TooManyVariables => Self::validation(field("/environment", "length", &cause)),
            StoreError::NotShared => conflict("not_shared", "Not on the shared tier", cause),
            StoreError::NotCancellable { kind, state } => {
                conflict("not_cancellable", "Not cancellable", instead_of_cancelling(*kind, *state))
            }
            StoreError::BatchEnded(_) => conflict("not_cancellable", "Not cancellable", cause),
            StoreError::Superseded => {
                let detail = "the tenant has a newer operation; retry that one, or the tenant";
                conflict("superseded", "Superseded", detail.into())
            }
            StoreError::IllegalTransition { .. } | StoreError::Unfit { .. } => {
                conflict("illegal_transition", "Not in this state", cause)
            }
            StoreError::NothingToRetry(_) => conflict("nothing_to_retry", "Nothing to retry", cause),
            StoreError::Unavailable(_) => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "Not available",
                "the control database does not answer; try again",
            )
            .with_header(RETRY_AFTER, HeaderValue::from_static("2"))
            .because(&error),
            StoreError::NotMigrated { .. } | StoreError::Outgrown { .. } => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "not_migrated", "Not migrated", cause).because(&error)
            }
            StoreError::LeaseLost
            | StoreError::NoSubnetLeft
            | StoreError::NoPoolLeft
            | StoreError::NoServerLeft
            | StoreError::NoServerHeld
            | StoreError::Inconsistent { .. }
            | StoreError::Migration(_)
            | StoreError::Statement(_) => Self::internal().because(&error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::labels::LabelError;
    use crate::domain::signup::SignupState;
    use crate::domain::status::Status;

    #[test]
    fn store_errors_have_codes_and_keep_causes_inside() {
        let secret = || sqlx::Error::Protocol("SELECT secret".into());
        for (error, status, code) in [
            (StoreError::KeyTaken, 409, "key_taken"),
            (StoreError::HostTaken, 409, "host_taken"),
            (StoreError::KeyUnavailable, 409, "key_unavailable"),
            (StoreError::TooManyWaiting, 429, "too_many_signups"),
            (StoreError::SignupNotWaiting(SignupState::Expired), 409, "signup_not_waiting"),
            (StoreError::NoSuchPool, 422, "validation_failed"),
            (StoreError::IllegalTransition { from: Status::Pending, to: Status::Suspended }, 409, "illegal_transition"),
            (StoreError::Unfit { from: Status::Active, wish: "undeleted" }, 409, "illegal_transition"),
            (StoreError::NothingToRetry(Status::Active), 409, "nothing_to_retry"),
            (StoreError::NotShared, 409, "not_shared"),
            (StoreError::PoolNameTaken, 409, "name_taken"),
            (StoreError::PoolInUse, 409, "pool_in_use"),
            (StoreError::PoolOfSettings, 409, "pool_of_settings"),
            (StoreError::ServerNameTaken, 409, "name_taken"),
            (StoreError::ServerInUse, 409, "database_server_in_use"),
            (StoreError::ServerOfSettings, 409, "database_server_of_settings"),
            (StoreError::PoolManaged, 409, "pool_managed"),
            (StoreError::PoolNotManaged, 409, "pool_not_managed"),
            (StoreError::PoolDeleting, 409, "pool_deleting"),
            (StoreError::TooManyVariables, 422, "validation_failed"),
            (StoreError::Superseded, 409, "superseded"),
            (StoreError::EmailTaken, 409, "email_taken"),
            (StoreError::LastOwner, 409, "last_owner"),
            (StoreError::NoSuchTenant, 422, "validation_failed"),
            (StoreError::Outdated, 412, "precondition_failed"),
            (StoreError::KeyReused, 422, "idempotency_key_reused"),
            (StoreError::Labels(LabelError::Count), 422, "validation_failed"),
            (StoreError::Unavailable(secret()), 503, "unavailable"),
            (StoreError::Statement(secret()), 500, "internal"),
            (StoreError::NotMigrated { wanted: 3, found: 0 }, 503, "not_migrated"),
        ] {
            let refusal = Refusal::from(error);
            assert_eq!((refusal.status().as_u16(), refusal.code()), (status, code));
            assert!(!refusal.0.detail.contains("SELECT"), "{code}");
            assert_eq!(refusal.cause().is_some(), status >= 500, "{code}");
        }
    }

    #[test]
    fn what_is_not_cancelled_says_what_to_do_instead() {
        for (kind, state, word) in [
            (OperationKind::Suspend, OperationState::Running, "reactivate"),
            (OperationKind::Deprovision, OperationState::Pending, "undelete"),
            (OperationKind::Purge, OperationState::Running, "no way back"),
            (OperationKind::Rotate, OperationState::Pending, "newer request"),
            (OperationKind::Provision, OperationState::Failed, "failed"),
        ] {
            let refusal = Refusal::from(StoreError::NotCancellable { kind, state });
            assert_eq!((refusal.status().as_u16(), refusal.code()), (409, "not_cancellable"));
            assert!(refusal.0.detail.contains(word), "{kind}: {}", refusal.0.detail);
        }
    }

    #[test]
    fn an_illegal_move_names_the_state() {
        let error = StoreError::IllegalTransition { from: Status::Pending, to: Status::Suspended };
        assert!(Refusal::from(error).0.detail.contains("pending"));
    }
}
