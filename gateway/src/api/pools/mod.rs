//! `/api/gateway/pools`: one file per verb.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod drain;
pub(super) mod edit;
pub(super) mod get;
pub(super) mod list;
pub(super) mod start;
pub(super) mod stop;

use axum::http::StatusCode;
use axum::response::Response;
use url::Url;

use crate::api::AppState;
use crate::api::auth::Caller;
use crate::api::call::{Call, Early, Effect};
use crate::api::extract::Fields;
use crate::api::problem::Refusal;
use crate::api::types::Pool;
use crate::domain::pool::{MAX_CAPACITY, MAX_MEMBERS, MAX_WEIGHT, PoolState};
use crate::store::pools::{PoolEdit, PoolRecord, PoolRef};

/// What is shown of a pool.
fn shown(record: PoolRecord) -> Pool {
    Pool {
        id: record.id.as_uuid(),
        from_settings: record.is_of_settings(),
        name: record.name,
        backend_url: record.members.first().cloned().unwrap_or_default(),
        members: record.members,
        state: record.state,
        capacity: record.capacity,
        weight: record.weight,
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

/// Where a member answers: an address, and nothing that a request's own path, query or credentials would be lost to.
fn read_url(text: &str) -> Result<Url, (&'static str, &'static str)> {
    let url = Url::parse(text).ok().filter(|url| url.scheme() == "http" && url.has_host());
    let url = url.ok_or(("url", "must be a URL that begins with http:// and names a host"))?;
    let is_bare = matches!(url.path(), "" | "/") && url.query().is_none() && url.fragment().is_none();
    if !is_bare || !url.username().is_empty() || url.password().is_some() {
        return Err(("parts", "must be scheme, host and port only"));
    }
    Ok(url)
}

/// Where the members answer, given as one or as a list; `None` where neither is there, or what is there is wrong and noted.
fn read_members(fields: &mut Fields) -> Option<Vec<Url>> {
    if let Some(text) = fields.text("backend_url") {
        if fields.is_given("members") && !fields.is_null("members") {
            fields.refuse("members", "both", "does not go together with backend_url");
        }
        fields.texts("members", MAX_MEMBERS);
        let read = read_url(&text).inspect_err(|(code, message)| fields.refuse("backend_url", code, message));
        return read.ok().map(|url| vec![url]);
    }
    let mut members = Vec::new();
    for (place, text) in fields.texts("members", MAX_MEMBERS)?.iter().enumerate() {
        match read_url(text) {
            Ok(url) if members.contains(&url) => fields.refuse_at("members", Some(place), "twice", "is given twice"),
            Ok(url) => members.push(url),
            Err((code, message)) => fields.refuse_at("members", Some(place), code, message),
        }
    }
    Some(members)
}

fn read_capacity(fields: &mut Fields) -> Option<i32> {
    fields.whole("capacity", 0..=i64::from(MAX_CAPACITY)).and_then(|value| i32::try_from(value).ok())
}

fn read_weight(fields: &mut Fields) -> Option<i32> {
    fields.whole("weight", 1..=i64::from(MAX_WEIGHT)).and_then(|value| i32::try_from(value).ok())
}

/// Puts a pool into a state.
async fn put(
    state: &AppState,
    caller: &Caller,
    which: &str,
    mut call: Call,
    wanted: PoolState,
) -> Result<Response, Early> {
    call.without_body()?;
    let which = pool_ref(which)?;
    let mut change = call.begin(state, caller).await?;
    let edit = PoolEdit { state: Some(wanted), ..PoolEdit::default() };
    let (before, after) = change.edit_pool(&which, &edit).await?.ok_or_else(no_such_pool)?;
    let (before, after) = (shown(before), shown(after));
    let effect = Effect::new(StatusCode::OK, format!("pool:{}", after.id), &after)?;
    call.finish(state, caller, change, effect.changing(Some(&before), Some(&after))?).await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_backend_is_an_address_only() {
        let read = |text: &str| read_members(&mut Fields::of_json(json!({ "backend_url": text })));
        assert_eq!(read("http://10.0.0.7:8080").unwrap()[0].as_str(), "http://10.0.0.7:8080/");
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
