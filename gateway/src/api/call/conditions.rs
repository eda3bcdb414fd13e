//! The headers under which a call is made: once, and on the version that was seen.

use axum::http::header::IF_MATCH;
use axum::http::{HeaderMap, HeaderName};

use crate::api::extract::Fields;
use crate::api::problem::Refusal;
use crate::domain::version::Version;

/// Names a call, so that doing it again gives the same answer instead of doing it twice.
pub(in crate::api) const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const MAX_KEY: usize = 255;

fn bad_header(name: &HeaderName, message: &str) -> Refusal {
    let mut fields = Fields::default();
    fields.refuse(name.as_str(), "header", message);
    fields.finish().err().unwrap_or_else(Refusal::internal)
}

/// The key under which the answer is remembered.
pub(super) fn key_of(headers: &HeaderMap) -> Result<Option<String>, Refusal> {
    let mut given = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(value) = given.next() else { return Ok(None) };
    let is_fit = |key: &&str| (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    match value.to_str().ok().filter(is_fit) {
        Some(key) if given.next().is_none() => Ok(Some(key.to_owned())),
        _ => Err(bad_header(&IDEMPOTENCY_KEY, "must be given once, with 1 to 255 visible ASCII characters")),
    }
}

/// The version the tenant has to have. A tag that is none of ours matches no tenant, as the standard has it.
pub(super) fn expected_of(headers: &HeaderMap) -> Option<Version> {
    let value = headers.get(IF_MATCH)?.to_str().unwrap_or_default().trim();
    if value == "*" {
        return None;
    }
    let inner = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    Some(inner.and_then(Version::parse).unwrap_or(Version { generation: -1, revision: -1 }))
}
