//! Who calls, and what they may do.
//!
//! A bearer key comes first; a session cookie counts only where there is no Authorization header.

pub mod api_key;
pub mod limiter;
pub mod password;
pub mod peer;
pub mod session;

use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

use axum::extract::{FromRef, FromRequestParts};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use crate::api::AppState;
use crate::api::problem::Refusal;
use crate::api::types::{Me, PrincipalKind, Role};
use crate::store::access::UserRecord;

/// Something a caller may be allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// See tenants.
    TenantsRead,
    /// Create and change tenants.
    TenantsWrite,
    /// See operations and their steps.
    OperationsRead,
    /// Learn how an app reaches its tenant's database.
    CredentialsReveal,
    /// See jobs on the whole fleet, and orphans.
    FleetRead,
    /// Ask for jobs on the whole fleet.
    FleetWrite,
}

/// The scope that stands for all others.
pub const EVERYTHING: &str = "*";

impl Scope {
    /// Every scope.
    pub const ALL: [Self; 6] = [
        Self::TenantsRead,
        Self::TenantsWrite,
        Self::OperationsRead,
        Self::CredentialsReveal,
        Self::FleetRead,
        Self::FleetWrite,
    ];

    /// The word in keys, answers and the document.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TenantsRead => "tenants:read",
            Self::TenantsWrite => "tenants:write",
            Self::OperationsRead => "operations:read",
            Self::CredentialsReveal => "credentials:reveal",
            Self::FleetRead => "fleet:read",
            Self::FleetWrite => "fleet:write",
        }
    }
}

impl Role {
    fn parse(word: &str) -> Option<Self> {
        match word {
            "owner" => Some(Self::Owner),
            "operator" => Some(Self::Operator),
            "viewer" => Some(Self::Viewer),
            "support" => Some(Self::Support),
            _ => None,
        }
    }

    /// What people with this role may do.
    #[must_use]
    pub const fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Owner => &Scope::ALL,
            Self::Operator => {
                &[Scope::TenantsRead, Scope::TenantsWrite, Scope::OperationsRead, Scope::FleetRead, Scope::FleetWrite]
            }
            Self::Viewer | Self::Support => &[Scope::TenantsRead, Scope::OperationsRead, Scope::FleetRead],
        }
    }
}

/// A known caller, not yet allowed anything.
#[derive(Clone, Debug)]
pub struct Caller(Me);

impl Caller {
    fn key(name: String, scopes: Vec<String>) -> Self {
        Self(Me { kind: PrincipalKind::ApiKey, name, email: None, role: None, scopes })
    }

    /// A person; `None` for a role this program does not know.
    #[must_use]
    pub fn user(user: UserRecord) -> Option<Self> {
        let role = Role::parse(&user.role)?;
        let scopes = role.scopes().iter().map(|scope| scope.as_str().to_owned()).collect();
        Some(Self(Me {
            kind: PrincipalKind::User,
            name: user.email.clone(),
            email: Some(user.email),
            role: Some(role),
            scopes,
        }))
    }

    /// What the caller learns about itself.
    #[must_use]
    pub fn me(self) -> Me {
        self.0
    }

    /// The word in records of changes: `key:<name>` or `user:<email>`.
    #[must_use]
    pub fn actor(&self) -> String {
        match self.0.kind {
            PrincipalKind::User => format!("user:{}", self.0.name),
            PrincipalKind::ApiKey => format!("key:{}", self.0.name),
        }
    }

    /// Whether the caller may do it.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.0.scopes.iter().any(|has| has == scope.as_str() || has == EVERYTHING)
    }
}

/// Where the caller's name waits for the log line of the request.
#[derive(Clone, Debug, Default)]
pub struct ActorNote(pub Arc<OnceLock<String>>);

impl<S> FromRequestParts<S> for Caller
where
    AppState: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let state = AppState::from_ref(state);
        let caller = match parts.headers.get(AUTHORIZATION) {
            Some(value) => api_key::caller(&state, value).await?,
            None => session::caller(&state, parts).await?,
        };
        if let Some(note) = parts.extensions.get::<ActorNote>() {
            // A second extractor in the same request finds the same caller.
            let _ = note.0.set(caller.actor());
        }
        Ok(caller)
    }
}

/// Names the scope that a handler needs; see [`Permit`].
pub trait Permission: Send {
    /// The scope.
    const SCOPE: Scope;
}

macro_rules! permission {
    ($name:ident) => {
        #[doc = concat!("[`Scope::", stringify!($name), "`] as a type.")]
        #[derive(Debug)]
        pub struct $name;

        impl Permission for $name {
            const SCOPE: Scope = Scope::$name;
        }
    };
}

permission!(TenantsRead);
permission!(TenantsWrite);
permission!(OperationsRead);
permission!(CredentialsReveal);
permission!(FleetRead);
permission!(FleetWrite);

/// Proof that the caller may do `P`. A handler that takes it first refuses everybody else before it reads anything.
#[derive(Debug)]
pub struct Permit<P> {
    /// Who calls.
    pub caller: Caller,
    scope: PhantomData<P>,
}

impl<S, P> FromRequestParts<S> for Permit<P>
where
    AppState: FromRef<S>,
    S: Send + Sync,
    P: Permission,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let caller = Caller::from_request_parts(parts, state).await?;
        if caller.may(P::SCOPE) {
            Ok(Self { caller, scope: PhantomData })
        } else {
            Err(Refusal::missing_scope(P::SCOPE.as_str()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_owners_reveal_credentials_and_only_owners_and_operators_write() {
        for (role, write, reveal) in [
            (Role::Owner, true, true),
            (Role::Operator, true, false),
            (Role::Viewer, false, false),
            (Role::Support, false, false),
        ] {
            let scopes = role.scopes();
            assert!(scopes.contains(&Scope::TenantsRead) && scopes.contains(&Scope::OperationsRead));
            assert!(scopes.contains(&Scope::FleetRead));
            assert_eq!(scopes.contains(&Scope::TenantsWrite), write, "{role:?}");
            assert_eq!(scopes.contains(&Scope::FleetWrite), write, "{role:?}");
            assert_eq!(scopes.contains(&Scope::CredentialsReveal), reveal, "{role:?}");
        }
    }

    #[test]
    fn a_key_may_what_its_scopes_say() {
        let reveal = Caller::key("app".into(), vec!["credentials:reveal".into()]);
        assert!(reveal.may(Scope::CredentialsReveal) && !reveal.may(Scope::TenantsRead));
        let all = Caller::key("root".into(), vec![EVERYTHING.into()]);
        assert!(Scope::ALL.into_iter().all(|scope| all.may(scope)));
        assert_eq!(all.actor(), "key:root");
    }
}
