//! `/api/gateway/session`: logging in and out.

pub(super) mod create;
pub(super) mod delete;

use axum::http::HeaderValue;

use crate::api::auth::{session, token};
use crate::api::call::Call;
use crate::api::problem::Refusal;
use crate::domain::ids::UserId;
use crate::store::change::Change;
use crate::store::sessions::NewSession;

/// A login that is to begin.
pub(super) struct Login<'a> {
    /// Whose.
    pub(super) user: UserId,
    /// What the password was compared with.
    pub(super) password_hash: &'a str,
    /// Whether a code was asked for, and was right.
    pub(super) has_second: bool,
}

impl Login<'_> {
    /// Starts its session in place of the one the browser has, and gives the cookie; `None` where the account has another
    /// password meanwhile, or got or lost its second factor, or is disabled.
    ///
    /// # Errors
    /// That of the store.
    pub(super) async fn start(&self, call: &Call, change: &mut Change) -> Result<Option<HeaderValue>, Refusal> {
        if !change.hold_password(self.user, self.password_hash, self.has_second).await? {
            return Ok(None);
        }
        let (token, token_hash) = token::make();
        let peer = call.peer();
        let new = NewSession {
            token_hash: &token_hash,
            user: self.user,
            lifetime: session::LIFETIME,
            address: peer.address,
            user_agent: call.user_agent(),
            former: call.session().map(<[u8; 32]>::as_slice),
        };
        change.create_session(&new).await?;
        let cookie = HeaderValue::try_from(session::cookie(token, peer.is_https));
        cookie.map(Some).map_err(|error| Refusal::internal().because(&error))
    }
}
