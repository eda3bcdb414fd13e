//! Who calls, and what they may do.
//!
//! A bearer key comes first; a session cookie counts only where there is no Authorization header.

pub mod api_key;
pub(in crate::api) mod credential;
pub mod key_checks;
pub mod limiter;
pub mod password;
pub mod peer;
mod permit;
mod scope;
pub mod session;
pub mod stranger;
pub mod token;
pub mod totp;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use jiff::Timestamp;
use uuid::Uuid;

use crate::api::AppState;
use crate::api::auth::credential::Credential;
use crate::api::auth::peer::Peer;
use crate::api::note::{CallNote, NotedCaller};
use crate::api::problem::Refusal;
use crate::api::types::{Me, PrincipalKind, Role};
use crate::domain::ids::SessionId;
use crate::domain::reach::Reach;
use crate::store::access::UserAccess;
use crate::store::change::Via;

pub use permit::{
    AuditRead, CredentialsReveal, FleetRead, FleetWrite, KeysRead, KeysWrite, OperationsRead, Permission, Permit,
    SignupsRead, SignupsWrite, TenantsLogs, TenantsRead, TenantsWrite, UsersRead, UsersWrite,
};
pub use scope::{EVERYTHING, Scope};

/// Whose Idempotency-Keys those of a link are.
#[must_use]
pub fn principal_of_link(token_hash: &[u8]) -> String {
    let hash: String = token_hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("link/{hash}")
}

/// A known caller, not yet allowed anything.
#[derive(Clone, Debug)]
pub struct Caller {
    me: Me,
    actor: String,
    principal: String,
    reach: Reach,
    via: Via,
    person: Option<(UserAccess, SessionId)>,
    /// When the key of a program ends.
    ends_at: Option<Timestamp>,
}

impl Caller {
    pub(in crate::api) fn key(
        principal: String,
        name: String,
        scopes: Vec<String>,
        reach: Reach,
        ends_at: Option<Timestamp>,
    ) -> Self {
        let actor = format!("key:{name}");
        let me = Me {
            kind: PrincipalKind::ApiKey,
            name,
            email: None,
            role: None,
            totp_enabled: None,
            scopes,
            tenants: reach.tenants().map(<[Uuid]>::to_vec),
            pools: reach.pools().map(<[Uuid]>::to_vec),
        };
        Self { me, actor, principal, reach, via: Via::ApiKey, person: None, ends_at }
    }

    /// A person who has just shown a password.
    #[must_use]
    pub fn user(user: &UserAccess) -> Self {
        let scopes = user.role.scopes().iter().map(|scope| scope.as_str().to_owned()).collect();
        let me = Me {
            kind: PrincipalKind::User,
            name: user.email.clone(),
            email: Some(user.email.clone()),
            role: Some(user.role),
            totp_enabled: Some(user.totp.is_some()),
            scopes,
            tenants: None,
            pools: None,
        };
        let (actor, principal) = (format!("user:{}", user.email), format!("user/{}", user.id));
        Self { me, actor, principal, reach: Reach::EVERYTHING, via: Via::Session, person: None, ends_at: None }
    }

    /// A person with a session.
    #[must_use]
    pub fn with_session(user: &UserAccess, session: SessionId) -> Self {
        Self { person: Some((user.clone(), session)), ..Self::user(user) }
    }

    /// A person who has followed a link, whose token is digested so. They are told from others by the link, which they can
    /// name before and after it was used.
    #[must_use]
    pub fn with_link(user: &UserAccess, token_hash: &[u8]) -> Self {
        Self { via: Via::Anonymous, principal: principal_of_link(token_hash), ..Self::user(user) }
    }

    /// Somebody who names an account without showing that it is theirs.
    #[must_use]
    pub fn stranger(user: &UserAccess) -> Self {
        Self { actor: format!("login:{}", user.email), via: Via::Anonymous, ..Self::user(user) }
    }

    /// What the caller learns about itself.
    #[must_use]
    pub fn me(self) -> Me {
        self.me
    }

    /// The word in records of changes: `key:<name>` or `user:<email>`; `login:<email>` of somebody who only names an account.
    #[must_use]
    pub fn actor(&self) -> String {
        self.actor.clone()
    }

    /// How the caller showed who it is.
    #[must_use]
    pub const fn via(&self) -> Via {
        self.via
    }

    /// The session of a person; `None` for a program.
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        self.person.as_ref().map(|(_, session)| *session)
    }

    /// Whether the caller may do all that people with a role may.
    #[must_use]
    pub fn may_as(&self, role: Role) -> bool {
        role.scopes().iter().all(|scope| self.may(*scope))
    }

    /// Whether the caller may give away what lasts until then, or for ever: not what outlasts its own key.
    #[must_use]
    pub fn may_until(&self, until: Option<Timestamp>) -> bool {
        self.ends_at.is_none_or(|end| until.is_some_and(|until| until <= end))
    }

    /// Whether its own key still lasts.
    fn may_now(&self, now: Timestamp) -> bool {
        self.ends_at.is_none_or(|end| now < end)
    }

    /// Tells it from every other caller, whatever their names.
    #[must_use]
    pub fn principal(&self) -> String {
        self.principal.clone()
    }

    /// Whether the other is the same caller with the same rights.
    #[must_use]
    pub(in crate::api) fn equals(&self, other: &Self) -> bool {
        self.principal == other.principal && self.me.scopes == other.me.scopes && self.reach == other.reach
    }

    /// The tenants it sees.
    #[must_use]
    pub const fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Whether the caller may do it.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.may_word(scope.as_str())
    }

    /// Whether the caller may do what a scope's word says; [`EVERYTHING`] needs everything.
    #[must_use]
    pub fn may_word(&self, scope: &str) -> bool {
        self.me.scopes.iter().any(|has| has == scope || has == EVERYTHING)
            || (scope == EVERYTHING
                && Scope::ALL.iter().all(|one| self.me.scopes.iter().any(|has| has == one.as_str())))
    }
}

/// Whoever changes something, as the records of changes and the remembered answers tell them apart.
pub trait Acts: Sync {
    /// The word in records of changes, such as `user:<email>`.
    fn actor(&self) -> String;
    /// How they showed who they are.
    fn via(&self) -> Via;
    /// Tells them from everybody else, whatever their names.
    fn principal(&self) -> String;
    /// The tenants they see.
    fn reach(&self) -> Reach;
}

impl Acts for Caller {
    fn actor(&self) -> String {
        self.actor()
    }

    fn via(&self) -> Via {
        self.via()
    }

    fn principal(&self) -> String {
        self.principal()
    }

    fn reach(&self) -> Reach {
        self.reach().clone()
    }
}

impl<S> FromRequestParts<S> for Caller
where
    AppState: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let state = AppState::from_ref(state);
        let peer = Peer::of(parts, &state.settings.http.trusted_proxies);
        let caller = Credential::of(&state, parts)?.caller(&state, Some(peer.address)).await?;
        if let Some(note) = parts.extensions.get::<CallNote>() {
            let (actor, principal) = (caller.actor(), caller.principal());
            note.set_caller(NotedCaller { actor, principal, via: caller.via() });
        }
        Ok(caller)
    }
}

/// A person with a session, who acts on what is their own. Programs are refused.
#[derive(Debug)]
pub struct Person {
    /// Who calls.
    pub caller: Caller,
    /// The account.
    pub user: UserAccess,
    /// The session.
    pub session: SessionId,
}

impl<S> FromRequestParts<S> for Person
where
    AppState: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let (user, session) = caller.person.clone().ok_or_else(Refusal::people_only)?;
        Ok(Self { caller, user, session })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_may_what_its_scopes_say() {
        let key = |scope: &str, ends_at| {
            Caller::key("key/a".into(), "app".into(), vec![scope.to_owned()], Reach::EVERYTHING, ends_at)
        };
        let reveal = key("credentials:reveal", None);
        assert!(reveal.may(Scope::CredentialsReveal) && !reveal.may(Scope::TenantsRead));
        let all = key(EVERYTHING, None);
        assert!(Scope::ALL.into_iter().all(|scope| all.may(scope)));
        assert_eq!(all.actor(), "key:app");
        assert!(all.may_word(EVERYTHING) && !reveal.may_word(EVERYTHING));
    }

    #[test]
    fn a_key_gives_nothing_away_that_outlasts_it() {
        let at = |second| Timestamp::from_second(second).ok();
        let key = |ends_at| Caller::key("key/a".into(), "app".into(), Vec::new(), Reach::EVERYTHING, ends_at);
        assert!(key(None).may_until(None) && key(None).may_until(at(9)));
        let ending = key(at(5));
        assert!(ending.may_until(at(5)) && !ending.may_until(at(6)) && !ending.may_until(None));
    }
}
