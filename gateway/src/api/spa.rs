//! The console: files built from `admin-spa/` and held in the program.

use std::sync::LazyLock;

use axum::body::Body;
use axum::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};
use sha2::{Digest, Sha256};

use crate::api::problem::Refusal;

#[derive(RustEmbed)]
#[folder = "admin-spa/dist"]
#[allow_missing = true]
struct Files;

const INDEX: &str = "index.html";
/// Names below `assets/` hold a hash of the content, so they never mean anything else.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// Everything else is asked for again each time, and answered 304 while it is the same.
const ASK_AGAIN: &str = "no-cache";
/// Encodings in the order of preference, with the ending of the file that holds them.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Gateway</title>\
    <style>body{font-family:system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem;line-height:1.5}</style>\
    <h1>Gateway</h1><p>The API answers under <code>/api/gateway/</code>. The console is not part of this build.</p>\
    <p>Build it with <code>npm ci &amp;&amp; npm run build</code> in <code>admin-spa/</code>, then build the program \
    again.</p></html>";

/// The file a path means: itself, or the page that routes in the browser. Assets, names with a dot and everything below a
/// name that begins with one are never routes.
fn file_of(path: &str, exists: impl Fn(&str) -> bool) -> Option<&str> {
    let path = path.trim_start_matches('/');
    let last = path.rsplit('/').next().unwrap_or_default();
    let is_hidden = path.split('/').any(|part| part.starts_with('.'));
    if !path.is_empty() && exists(path) {
        Some(path)
    } else if path.starts_with("assets/") || path.starts_with("docs/") || last.contains('.') || is_hidden {
        None
    } else {
        Some(INDEX)
    }
}

/// Whether a client takes an encoding: it is named, and not with `q=0`.
fn takes(headers: &HeaderMap, encoding: &str) -> bool {
    let lines = headers.get_all(ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).any(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(encoding));
        let weight = parts.find_map(|part| part.strip_prefix("q=")).and_then(|q| q.parse::<f32>().ok());
        is_named && weight.is_none_or(|q| q > 0.0)
    })
}

fn media_type(path: &str, file: &EmbeddedFile) -> String {
    let found = file.metadata.mimetype();
    let is_text = found.starts_with("text/") || matches!(found, "application/javascript" | "image/svg+xml");
    let found = if path.ends_with(".webmanifest") { "application/manifest+json" } else { found };
    if is_text { format!("{found}; charset=utf-8") } else { found.to_owned() }
}

fn etag(file: &EmbeddedFile) -> String {
    let hash = file.metadata.sha256_hash();
    let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}\"")
}

/// Tells one build from every other: version of the program, and a digest of the console in it.
pub(super) fn build() -> &'static HeaderValue {
    static BUILD: LazyLock<HeaderValue> = LazyLock::new(|| {
        let mut names: Vec<_> = Files::iter().collect();
        names.sort();
        let mut digest = Sha256::new();
        for name in names {
            digest.update(name.as_bytes());
            digest.update(Files::get(&name).map(|file| file.metadata.sha256_hash()).unwrap_or_default());
        }
        let hex: String = digest.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        HeaderValue::try_from(format!("{}-{hex}", env!("CARGO_PKG_VERSION")))
            .unwrap_or_else(|_| HeaderValue::from_static(env!("CARGO_PKG_VERSION")))
    });
    &BUILD
}

/// Answers a GET or HEAD.
pub(super) fn serve(path: &str, headers: &HeaderMap) -> Response {
    let Some(name) = file_of(path, |name| Files::get(name).is_some()) else {
        return Refusal::no_such_route().into_response();
    };
    let Some(plain) = Files::get(name) else { return ([(CACHE_CONTROL, ASK_AGAIN)], Html(NOT_BUILT)).into_response() };
    let media_type = media_type(name, &plain);
    let packed = ENCODINGS.into_iter().filter(|(encoding, _)| takes(headers, encoding));
    let packed =
        packed.filter_map(|(encoding, ending)| Some((encoding, Files::get(&format!("{name}{ending}"))?))).next();
    let (encoding, file) = packed.map_or((None, plain), |(encoding, file)| (Some(encoding), file));
    let etag = etag(&file);
    let lifetime = if name.starts_with("assets/") { FOR_EVER } else { ASK_AGAIN };
    let is_known = headers.get(IF_NONE_MATCH).and_then(|value| value.to_str().ok()).is_some_and(|known| {
        known.split(',').any(|one| one.trim().trim_start_matches("W/") == etag || one.trim() == "*")
    });
    let fixed = [(CACHE_CONTROL, lifetime.to_owned()), (ETAG, etag), (VARY, "accept-encoding".to_owned())];
    if is_known {
        return (StatusCode::NOT_MODIFIED, fixed).into_response();
    }
    let mut response = (fixed, [(CONTENT_TYPE, media_type)], Body::from(file.data)).into_response();
    if let Some(encoding) = encoding {
        response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_browser_mean_the_page_and_missing_files_are_missing() {
        let exists = |name: &str| matches!(name, "index.html" | "favicon.svg" | "assets/a.js");
        assert_eq!(file_of("/", exists), Some(INDEX));
        assert_eq!(file_of("/tenants/acme", exists), Some(INDEX));
        assert_eq!(file_of("/favicon.svg", exists), Some("favicon.svg"));
        assert_eq!(file_of("/assets/a.js", exists), Some("assets/a.js"));
        assert_eq!(file_of("/assets/old.js", exists), None);
        assert_eq!(file_of("/robots.txt", exists), None);
        assert_eq!(file_of("/.git/config", exists), None);
        assert_eq!(file_of("/docs/gone", exists), None);
    }

    #[test]
    fn encodings_are_taken_as_weighed() {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, "gzip;q=0.5, br;q=0, deflate".parse().unwrap());
        assert!(takes(&headers, "gzip"));
        assert!(!takes(&headers, "br"));
        assert!(!takes(&HeaderMap::new(), "gzip"));
    }
}
