//! Texts that mean something to a database are values: kept as they are, found by a search for them, and no names of
//! anything.

use gateway::infra::ddl::{Identifier, literal};
use serde_json::json;

use super::Findings;
use super::entry::{Input, entries};
use super::watch::Watch;
use crate::admin_api::{Answer, Api, with_api};

async fn find(api: &Api, parameter: &str, text: &str) -> Answer {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([(parameter, text), ("limit", "200"), ("fields", "key")])
        .finish();
    let request = api.bare("GET", &format!("/api/gateway/tenants?{query}"));
    api.send(request.bearer_auth(super::ROOT)).await
}

fn holds(answer: &Answer, key: &str) -> bool {
    answer.body["items"].as_array().is_some_and(|items| items.iter().any(|item| *item == json!({ "key": key })))
}

#[test]
fn are_kept_and_found_as_values() {
    with_api(|api| async move {
        let watch = Watch::begin();
        let mut findings = Findings::default();
        for (number, (at, entry)) in entries::<Input>("sql.jsonl").iter().enumerate() {
            let (key, text) = (format!("s{number}"), entry.input.whole());
            let body = json!({ "key": key, "company_name": text, "notes": text, "labels": { "v": text } });
            let made = api.post("/api/gateway/tenants", &body).await;
            let shown = api.call("GET", &format!("/api/gateway/tenants/{key}")).await.body;
            if made.status != 202
                || shown["company_name"] != *text
                || shown["notes"] != *text
                || shown["labels"]["v"] != *text
            {
                findings.note(at, format!("{} {shown}", made.body));
            }
            for parameter in ["q", "label.v"] {
                let found = find(&api, parameter, &text).await;
                if !holds(&found, &key) {
                    findings.note(at, format!("not found by {parameter}: {}", found.body));
                }
            }
            for (path, field) in [("/api/gateway/tenants", "key"), ("/api/gateway/pools", "name")] {
                // These would be good ones.
                if text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
                    continue;
                }
                let mut body = json!({ "company_name": "x", "backend_url": "http://a" });
                body[field] = json!(text);
                let refused = api.post(path, &body).await;
                if refused.status != 422 {
                    findings.note(at, format!("as {field}: {}", refused.body));
                }
            }
        }
        findings.assert_none();
        watch.assert_silent();
    });
}

#[test]
fn are_no_identifiers_and_whole_literals() {
    with_api(|api| async move {
        let mut database = api.database().await;
        let mut findings = Findings::default();
        let files = ["sql.jsonl", "names.jsonl", "keys.jsonl"];
        for (at, entry) in files.iter().flat_map(|file| entries::<Input>(file)) {
            let text = entry.input.whole();
            let is_plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            if Identifier::new(&text).is_ok() != (is_plain && (1..=63).contains(&text.len())) {
                findings.note(&at, "as an identifier");
            }
            for strings in ["on", "off"] {
                let ask = format!("SET standard_conforming_strings = {strings}; SELECT {} AS text", literal(&text));
                let told = sqlx::raw_sql(sqlx::AssertSqlSafe(ask)).fetch_one(&mut database).await;
                let told = told.map(|row| sqlx::Row::get::<String, _>(&row, "text"));
                // PostgreSQL has no NUL in a text.
                if told.as_ref().ok() != Some(&text.replace('\0', "")) {
                    findings.note(&at, format!("as a literal: {told:?}"));
                }
            }
        }
        findings.assert_none();
    });
}
