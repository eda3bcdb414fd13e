//! How PostgreSQL and Redis are reached: with a password nobody guesses, and not in plain text by mistake.

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::config::production::Place;
use crate::config::production::secrets::is_guessable;
use crate::config::read::Reader;

pub(super) fn check(r: &mut Reader) {
    for name in ["database_url", "tenant_database_url"] {
        if let Some(why) = super::url(r, name).and_then(|url| fault_of_database(&url)) {
            r.refuse(name, why);
        }
    }
    let further = SecretString::from(r.text("tenant_database_urls"));
    for (index, entry) in further.expose_secret().split_whitespace().enumerate() {
        let url = entry.split_once('=').and_then(|(_, url)| Url::parse(url).ok());
        if let Some(why) = url.and_then(|url| fault_of_database(&url)) {
            r.refuse("tenant_database_urls", format!("entry {} {why}", index + 1));
        }
    }
    for name in ["redis_url", "limits_redis_url"] {
        if let Some(url) = super::url(r, name) {
            redis(r, name, &url);
        }
    }
}

/// A parameter of a URL's query; the last of several counts.
fn parameter(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().filter(|(key, _)| key == name).map(|(_, value)| value.into_owned()).last()
}

/// The password as it is meant, not as it is written.
fn password(url: &Url) -> Option<SecretString> {
    // A plus stays one: only forms read it as a blank.
    let written = format!("x={}", url.password()?.replace('+', "%2B"));
    let meant = url::form_urlencoded::parse(written.as_bytes()).next().map(|(_, value)| value.into_owned())?;
    Some(meant).filter(|text| !text.is_empty()).map(SecretString::from)
}

fn fault_of_database(url: &Url) -> Option<&'static str> {
    let by_query = parameter(url, "password").map(SecretString::from);
    match password(url).or(by_query) {
        Some(password) if is_guessable(url.username(), password.expose_secret()) => {
            return Some("has a password that is easily guessed, which production refuses: draw one at random");
        }
        None if parameter(url, "sslcert").is_none() => {
            return Some("has neither a password nor a client certificate (sslcert), which production refuses");
        }
        _ => {}
    }
    let mode = parameter(url, "sslmode").or_else(|| parameter(url, "ssl-mode"));
    let is_said = matches!(mode.as_deref(), Some("disable" | "require" | "verify-ca" | "verify-full"));
    (Place::of(url) == Place::Elsewhere && !is_said).then_some(
        "leads to another machine without saying whether by TLS, which production refuses: end it with \
         ?sslmode=verify-full (and &sslrootcert=…), or with ?sslmode=disable on a network of your own",
    )
}

fn redis(r: &mut Reader, name: &str, url: &Url) {
    let place = Place::of(url);
    match password(url) {
        Some(password) if is_guessable(url.username(), password.expose_secret()) => {
            r.refuse(name, "has a password that is easily guessed, which production refuses: draw one at random");
        }
        None if place == Place::Here => {
            r.warn(name, "has no password: every program on this machine can lead tenants elsewhere");
        }
        None => r.refuse(name, "has no password, which production refuses: who writes there leads tenants elsewhere"),
        _ => {}
    }
    if url.scheme() == "redis" && place == Place::Elsewhere {
        r.warn(name, "leads to another machine in plain text; rediss:// is TLS");
    }
}
