//! Proof of what a caller may do, as a handler asks for it.

use std::marker::PhantomData;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;

use crate::api::AppState;
use crate::api::auth::{Caller, Scope};
use crate::api::problem::Refusal;

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
permission!(TenantsLogs);
permission!(OperationsRead);
permission!(CredentialsReveal);
permission!(FleetRead);
permission!(FleetWrite);
permission!(KeysRead);
permission!(KeysWrite);
permission!(AuditRead);
permission!(UsersRead);
permission!(UsersWrite);
permission!(SignupsRead);
permission!(SignupsWrite);

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
        if !caller.may(P::SCOPE) {
            return Err(Refusal::missing_scope(P::SCOPE.as_str()));
        }
        if !P::SCOPE.is_about_tenants() && !caller.reach().is_everything() {
            return Err(Refusal::outside_reach("this key sees only some tenants, and this call is about all of them"));
        }
        Ok(Self { caller, scope: PhantomData })
    }
}
