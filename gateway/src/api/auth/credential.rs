//! What a caller shows, so that it can be looked at again while a long answer goes on.

use std::net::IpAddr;

use axum::http::HeaderValue;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use crate::api::AppState;
use crate::api::auth::{Caller, api_key, session};
use crate::api::problem::Refusal;

/// A key or a session.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(in crate::api) enum Credential {
    /// An Authorization header.
    Key(HeaderValue),
    /// SHA-256 of a session's token.
    Session([u8; 32]),
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Key(_) => "Key",
            Self::Session(_) => "Session",
        })
    }
}

impl Credential {
    /// What a request shows.
    ///
    /// # Errors
    /// 401 where that is nothing.
    pub(in crate::api) fn of(state: &AppState, parts: &Parts) -> Result<Self, Refusal> {
        match parts.headers.get(AUTHORIZATION) {
            Some(value) => Ok(Self::Key(value.clone())),
            None => session::of_request(state, parts).map(Self::Session),
        }
    }

    /// Who shows it. A call uses it, from somewhere; a look whether it still goes on does not, and is not counted.
    ///
    /// # Errors
    /// 401 where it is not known or over.
    pub(in crate::api) async fn caller(&self, state: &AppState, from: Option<IpAddr>) -> Result<Caller, Refusal> {
        match self {
            Self::Key(header) => api_key::caller(state, header, from).await,
            Self::Session(hash) => session::caller(state, hash, from).await,
        }
    }
}
