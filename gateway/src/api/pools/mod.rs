//! `/api/gateway/pools`: one file per verb.

mod containers;
pub(super) mod create;
pub(super) mod delete;
pub(super) mod drain;
pub(super) mod edit;
pub(super) mod get;
pub(super) mod list;
pub(super) mod members;
pub(super) mod provision;
pub(super) mod restart;
pub(super) mod start;
pub(super) mod stop;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;
use url::Url;

use crate::api::AppState;
use crate::api::auth::Caller;
use crate::api::call::{Awaited, Call, Early, Effect};
use crate::api::extract::Fields;
use crate::api::problem::Refusal;
use crate::api::types::{Pool, PoolProblem};
use crate::domain::ids::PoolId;
use crate::domain::pool::{MAX_CAPACITY, MAX_MEMBERS, MAX_WEIGHT, PoolState};
use crate::domain::version::Version;
use crate::store::pools::{PoolEdit, PoolRecord, PoolRef};

/// What is shown of a pool.
fn shown(record: PoolRecord) -> Pool {
    let managed = record.managed.as_ref();
    let spec = managed.map(|managed| &managed.spec);
    let problem = managed.and_then(|managed| Some((managed.problem.clone()?, managed.is_open)));
    Pool {
        id: record.id.as_uuid(),
        from_settings: record.is_of_settings() && managed.is_none(),
        backend_url: record.members.first().cloned().unwrap_or_default(),
        healthy_members: record.healthy_members,
        managed: managed.is_some(),
        image: spec.map(|spec| spec.image.as_str().to_owned()),
        replicas: spec.map(|spec| i32::from(spec.replicas)),
        port: spec.and_then(|spec| spec.port).map(i32::from),
        environment: managed.map(|managed| managed.variables.clone()).unwrap_or_default(),
        memory_mib: spec.and_then(|spec| spec.memory_mib),
        cpus: spec.and_then(|spec| spec.cpus),
        pids: spec.and_then(|spec| spec.pids),
        revision: managed.map_or(0, |managed| managed.revision),
        observed_revision: managed.map_or(0, |managed| managed.observed_revision),
        problem: problem.map(|((code, message), retried)| PoolProblem { code, message, retried }),
        name: record.name,
        members: record.members,
        state: record.state,
        capacity: record.capacity,
        weight: record.weight,
        tenants: record.tenants,
        created_at: record.created_at,
    }
}

/// 202 where a worker has yet to make it true.
fn status_of(pool: &Pool, otherwise: StatusCode) -> StatusCode {
    if pool.observed_revision < pool.revision { StatusCode::ACCEPTED } else { otherwise }
}

fn place_of(pool: &Pool) -> String {
    format!("/api/gateway/pools/{}", pool.id)
}

/// A managed pool once a worker made its last wish true, or gave up until somebody mends what hinders it; `None` before.
pub(super) async fn ended(state: &AppState, id: PoolId) -> Result<Option<(Value, Option<Version>)>, Refusal> {
    let Some(record) = state.store.pool(&PoolRef::Id(id)).await? else { return Ok(None) };
    if record.managed.as_ref().is_some_and(|managed| managed.is_open) {
        return Ok(None);
    }
    let pool = serde_json::to_value(shown(record));
    Ok(Some((pool.map_err(|error| Refusal::internal().because(&error))?, None)))
}

/// An answer that a worker has yet to make true.
fn awaited(effect: Effect, pool: &Pool) -> Effect {
    effect.at(Some(place_of(pool))).awaiting(Awaited::Pool(PoolId::from_uuid(pool.id)))
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
    fields.whole("capacity", 0..=i64::from(MAX_CAPACITY))
}

fn read_weight(fields: &mut Fields) -> Option<i32> {
    fields.whole("weight", 1..=i64::from(MAX_WEIGHT))
}

/// Puts a pool into a state.
async fn put(state: &AppState, caller: &Caller, which: &str, call: Call, wanted: PoolState) -> Result<Response, Early> {
    let edit = PoolEdit { state: Some(wanted), ..PoolEdit::default() };
    put_without_body(state, caller, which, call, &edit).await
}

/// Changes a pool by a call that takes no body.
async fn put_without_body(
    state: &AppState,
    caller: &Caller,
    which: &str,
    mut call: Call,
    edit: &PoolEdit,
) -> Result<Response, Early> {
    call.without_body()?;
    put_edit(state, caller, &pool_ref(which)?, call, edit).await
}

/// Changes a pool.
async fn put_edit(
    state: &AppState,
    caller: &Caller,
    which: &PoolRef,
    mut call: Call,
    edit: &PoolEdit,
) -> Result<Response, Early> {
    let mut change = call.begin(state, caller).await?;
    let (before, after) = change.edit_pool(which, edit).await?.ok_or_else(no_such_pool)?;
    let (before, after) = (shown(before), shown(after));
    let status = status_of(&after, StatusCode::OK);
    let effect = Effect::new(status, format!("pool:{}", after.id), &after)?;
    let effect = effect.changing(Some(&before), Some(&after))?;
    let effect = if status == StatusCode::ACCEPTED { awaited(effect, &after) } else { effect };
    call.finish(state, caller, change, effect).await
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
