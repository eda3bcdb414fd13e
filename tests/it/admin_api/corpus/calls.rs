//! Bodies, tokens, headers, paths, parameters and logins, as requests.

use serde_json::{Value, json};
use sqlx::Connection;

use super::entry::{Exchange, Verdict, entries};
use super::watch::Watch;
use super::wire::{Names, Reply, send};
use super::{Findings, rows};
use crate::admin_api::{Api, ROOT, with_api};

/// What is wrong with an answer; none where it is the one expected.
fn judge(entry: &Exchange, reply: &Reply) -> Option<String> {
    let code = reply.body["code"].as_str();
    if reply.status != entry.status || code != entry.code.as_deref() {
        return Some(format!("{} {:?}: {}", reply.status, code, reply.text.chars().take(600).collect::<String>()));
    }
    if let Some(wanted) = &entry.errors {
        let text = |error: &Value, field: &str| error[field].as_str().unwrap_or_default().to_owned();
        let found = reply.body["errors"].as_array().into_iter().flatten();
        let mut found: Vec<_> = found.map(|error| (text(error, "pointer"), text(error, "code"))).collect();
        let mut wanted = wanted.clone();
        found.sort();
        wanted.sort();
        if found != wanted {
            return Some(format!("{found:?}"));
        }
    }
    if code.is_some() {
        let id = reply.header("x-request-id");
        if reply.header("content-type") != "application/problem+json" || id.is_empty() || reply.body["instance"] != id {
            return Some(format!("no whole problem: {}", reply.text));
        }
        if reply.header("x-content-type-options") != "nosniff" || reply.header("cache-control") != "no-store" {
            return Some(format!("headers are missing: {}", reply.text));
        }
    }
    None
}

/// Sends all of a file, the bad ones first: those leave no row behind.
async fn run(api: &Api, file: &str, names: Names<'_>) {
    let watch = Watch::begin();
    let (bad, good): (Vec<_>, Vec<_>) =
        entries::<Exchange>(file).into_iter().partition(|(_, entry)| entry.verdict == Verdict::Reject);
    let mut findings = Findings::default();
    let before = rows(api).await;
    for (at, entry) in &bad {
        if let Some(wrong) = judge(entry, &send(api, entry, names).await) {
            findings.note(at, wrong);
        }
    }
    assert_eq!(rows(api).await, before, "rows by table");
    for (at, entry) in &good {
        if let Some(wrong) = judge(entry, &send(api, entry, names).await) {
            findings.note(at, wrong);
        }
    }
    findings.assert_none();
    assert_eq!(api.call("GET", "/api/gateway/tenants/fixture").await.status, 200, "it answers");
    watch.assert_silent();
}

fn run_with_fixture(file: &'static str) {
    with_api(|api| async move {
        api.create("fixture").await;
        run(&api, file, &[]).await;
    });
}

#[test]
fn bodies() {
    run_with_fixture("bodies.jsonl");
}

#[test]
fn headers() {
    with_api(|api| async move {
        api.create("fixture").await;
        run(&api, "headers.jsonl", &[("root", ROOT.to_owned())]).await;
    });
}

#[test]
fn paths() {
    run_with_fixture("paths.jsonl");
}

#[test]
fn lists() {
    run_with_fixture("lists.jsonl");
}

#[test]
fn series() {
    run_with_fixture("series.jsonl");
}

#[test]
fn logins() {
    run_with_fixture("logins.jsonl");
}

async fn make_key(api: &Api) -> (String, String) {
    let made = api.post("/api/gateway/api-keys", &json!({ "name": "corpus", "scopes": ["tenants:read"] })).await;
    (made.text("key").to_owned(), made.body["api_key"]["id"].as_str().unwrap().to_owned())
}

/// Keys and sessions that work, and some that did.
async fn known(api: &Api) -> Vec<(&'static str, String)> {
    let (former, exchanged) = make_key(api).await;
    let path = format!("/api/gateway/api-keys/{exchanged}/rotate");
    assert_eq!(api.post(&path, &json!({ "overlap_seconds": 0 })).await.status, 200);
    let (revoked, id) = make_key(api).await;
    assert_eq!(api.call("DELETE", &format!("/api/gateway/api-keys/{id}")).await.status, 200);
    let (expired, id) = make_key(api).await;
    let over = "UPDATE gateway.api_key SET expires_at = created_at + interval '1 microsecond' WHERE id = $1";
    let mut database = api.database().await;
    assert_eq!(sqlx::query(over).bind(&id).execute(&mut database).await.unwrap().rows_affected(), 1);
    database.close().await.unwrap();
    let (key, id) = make_key(api).await;
    let token = |cookie: String| cookie.split_once('=').unwrap().1.to_owned();
    let ended = token(api.log_in("ended@test", "owner").await);
    let out = api.bare("DELETE", "/api/gateway/session").header("cookie", format!("gw_session={ended}"));
    assert_eq!(api.send(out).await.status, 204);
    let session = token(api.log_in("session@test", "owner").await);
    let mut parts = key.split('_').skip(2).map(str::to_owned);
    let (secret, check) = (parts.next().unwrap(), parts.next().unwrap());
    vec![
        ("root", ROOT.to_owned()),
        ("id", id),
        ("secret", secret),
        ("check", check),
        ("key", key),
        ("former", former),
        ("revoked", revoked),
        ("expired", expired),
        ("session", session),
        ("ended", ended),
    ]
}

#[test]
fn tokens() {
    with_api(|api| async move {
        api.create("fixture").await;
        let known = known(&api).await;
        run(&api, "tokens.jsonl", &known).await;
    });
}

/// A key that cannot be one is refused by its check, so guessing costs the control database nothing.
#[test]
fn mistyped_keys_do_not_reach_the_control_database() {
    with_api(|api| async move {
        let known = known(&api).await;
        api.store.close().await;
        let mut findings = Findings::default();
        let mut asked = 0;
        for (at, entry) in entries::<Exchange>("tokens.jsonl") {
            let may_exist = ["{former}", "{revoked}", "{expired}", "{session", "{ended}"];
            let line = |text: &&str| entry.headers.iter().any(|header| header.whole().contains(text));
            if entry.verdict == Verdict::Reject && !may_exist.iter().any(line) && !line(&"gw_session") {
                asked += 1;
                if let Some(wrong) = judge(&entry, &send(&api, &entry, &known).await) {
                    findings.note(&at, wrong);
                }
            }
        }
        assert!(asked > 150, "{asked}");
        findings.assert_none();
    });
}
