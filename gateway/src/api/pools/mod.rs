//! `/api/gateway/pools`: one file per verb.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod edit;
pub(super) mod get;
pub(super) mod list;

use axum::http::StatusCode;
use url::Url;

use crate::api::extract::Fields;
use crate::api::problem::Refusal;
use crate::api::types::Pool;
use crate::store::pools::{PoolRecord, PoolRef};

/// What is shown of a pool.
fn shown(record: PoolRecord) -> Pool {
    Pool {
        id: record.id.as_uuid(),
        from_settings: record.is_of_settings(),
        name: record.name,
        backend_url: record.backend_url,
        tenants: record.tenants,
        created_at: record.created_at,
    }
}

fn no_such_pool() -> Refusal {
    let detail = "there is no shared pool with this id or name";
    Refusal::new(StatusCode::NOT_FOUND, "pool_not_found", "No such pool", detail)
}

/// The pool a path names. What is neither an id nor a name names none.
fn pool_ref(text: &str) -> Result<PoolRef, Refusal> {
    let which = PoolRef::parse(text);
    let is_one = matches!(which, PoolRef::Id(_)) || is_name(text);
    is_one.then_some(which).ok_or_else(no_such_pool)
}

fn is_name(text: &str) -> bool {
    let is_fit = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    (1..=40).contains(&text.len()) && is_fit && !text.starts_with('-') && !text.ends_with('-')
}

/// Where the members answer: an address, and nothing that a request's own path, query or credentials would be lost to.
fn read_backend(fields: &mut Fields) -> Option<Url> {
    let text = fields.required_text("backend_url")?;
    let url = Url::parse(&text).ok().filter(|url| url.scheme() == "http" && url.has_host());
    let Some(url) = url else {
        fields.refuse("backend_url", "url", "must be a URL that begins with http:// and names a host");
        return None;
    };
    let is_bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    if !is_bare || !url.username().is_empty() || url.password().is_some() {
        fields.refuse("backend_url", "parts", "must be scheme, host and port only");
        return None;
    }
    Some(url)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_backend_is_an_address_only() {
        let read = |text: &str| read_backend(&mut Fields::of_json(json!({ "backend_url": text })));
        assert_eq!(read("http://10.0.0.7:8080").unwrap().as_str(), "http://10.0.0.7:8080/");
        for bad in [
            "",
            "10.0.0.7:8080",
            "ftp://h",
            "https://h",
            "http://",
            "http://u:p@h",
            "http://h/a",
            "http://h?x",
            "http://h#x",
        ] {
            assert!(read(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn names_have_the_form_that_the_row_demands() {
        assert!(is_name("a") && is_name("eu-1") && is_name(&"a".repeat(40)));
        for bad in ["", "-a", "a-", "A", "a b", "a_b", &"a".repeat(41)] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
