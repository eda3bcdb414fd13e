//! Sessions of people: a random token in a cookie, its SHA-256 in the control database.

use std::net::IpAddr;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use axum::http::request::Parts;
use axum_extra::extract::cookie::{Cookie, SameSite};

use crate::api::AppState;
use crate::api::auth::peer::Peer;
use crate::api::auth::{Caller, token};
use crate::api::problem::Refusal;

/// A session ends this long after the login.
pub const LIFETIME: Duration = Duration::from_secs(12 * 3600);
/// A session ends when it is not used for this long.
pub const IDLE: Duration = Duration::from_secs(2 * 3600);

/// Browsers accept the `__Host-` name only with Secure, for this host alone and for all its paths.
const fn cookie_name(is_https: bool) -> &'static str {
    if is_https { "__Host-gw_session" } else { "gw_session" }
}

/// The cookie that keeps a token.
#[must_use]
pub fn cookie(token: String, is_https: bool) -> String {
    let cookie = Cookie::build((cookie_name(is_https), token)).path("/").http_only(true).same_site(SameSite::Lax);
    cookie.secure(is_https).build().to_string()
}

/// The cookie that makes a browser forget the token.
#[must_use]
pub fn removal_cookie(is_https: bool) -> String {
    let mut cookie = Cookie::build((cookie_name(is_https), "")).path("/").http_only(true).secure(is_https).build();
    cookie.make_removal();
    cookie.to_string()
}

/// What is stored of the token in the request's cookie; none where there are two such cookies, one of which somebody else
/// may have set.
#[must_use]
pub fn token_hash(headers: &HeaderMap, is_https: bool) -> Option<[u8; 32]> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut tokens = lines
        .flat_map(Cookie::split_parse)
        .filter_map(|cookie| cookie.ok().filter(|cookie| cookie.name() == cookie_name(is_https)));
    match (tokens.next(), tokens.next()) {
        (Some(only), None) => Some(token::hash(only.value())),
        _ => None,
    }
}

/// What is stored of the token in a request's cookie.
///
/// # Errors
/// 401 where there is none.
pub(super) fn of_request(state: &AppState, parts: &Parts) -> Result<[u8; 32], Refusal> {
    let peer = Peer::of(parts, &state.settings.http.trusted_proxies);
    token_hash(&parts.headers, peer.is_https)
        .ok_or_else(|| Refusal::unauthenticated("send an API key as Authorization: Bearer, or log in"))
}

/// The caller a session names. A call uses it from somewhere; a look whether it still goes on does not.
pub(super) async fn caller(state: &AppState, hash: &[u8; 32], from: Option<IpAddr>) -> Result<Caller, Refusal> {
    let found = state.store.session_access(hash, IDLE).await?;
    let access = found.ok_or_else(|| Refusal::unauthenticated("the session is over; log in again"))?;
    if let Some(from) = from.filter(|_| access.is_mark_old) {
        state.store.mark_session(access.id, from).await?;
    }
    Ok(Caller::with_session(&access.user, access.id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_strict_and_bound_to_the_host_on_https() {
        let (token, hash) = token::make();
        assert_eq!(token.len(), 43);
        let plain = cookie(token.clone(), false);
        assert!(plain.starts_with(&format!("gw_session={token}; ")) && !plain.contains("Secure"), "{plain}");
        let secure = cookie(token.clone(), true);
        for part in ["__Host-gw_session=", "HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
            assert!(secure.contains(part), "{secure}");
        }
        let mut headers = HeaderMap::new();
        headers.insert("cookie", format!("a=b; gw_session={token}").parse().unwrap());
        assert_eq!(token_hash(&headers, false), Some(hash));
        assert_eq!(token_hash(&headers, true), None);
        assert!(removal_cookie(true).contains("Max-Age=0"));
    }
}
