//! Tenant keys through the API, the command line and SQL.

use futures::StreamExt;
use serde_json::json;

use super::entry::{Input, Verdict, entries};
use super::watch::Watch;
use super::{Findings, ctl};
use crate::admin_api::{Api, with_api};

const FILE: &str = "keys.jsonl";

async fn tenants(api: &Api) -> usize {
    let count: i64 =
        sqlx::query_scalar("SELECT count(*) FROM gateway.tenant").fetch_one(&mut api.database().await).await.unwrap();
    usize::try_from(count).unwrap()
}

fn accepted(entries: &[(String, Input)]) -> usize {
    entries.iter().filter(|(_, entry)| entry.verdict == Verdict::Accept).count()
}

#[test]
fn by_the_api() {
    with_api(|api| async move {
        let watch = Watch::begin();
        let entries = entries::<Input>(FILE);
        let mut findings = Findings::default();
        for (at, entry) in &entries {
            let key = entry.input.whole();
            let answer = api.post("/api/gateway/tenants", &json!({ "key": key, "company_name": "Corpus" })).await;
            let is_right = match &entry.code {
                None => answer.status == 202 && answer.body["key"] == *key,
                Some(code) => answer.status == 422 && answer.wrong() == [("/key", code.as_str())],
            };
            if !is_right {
                findings.note(at, format!("{} {}", answer.status, answer.body));
            }
        }
        findings.assert_none();
        assert_eq!(tenants(&api).await, accepted(&entries));
        watch.assert_silent();
    });
}

#[test]
fn by_the_command_line() {
    with_api(|api| async move {
        // No argument of a program holds a NUL.
        let entries: Vec<_> =
            entries::<Input>(FILE).into_iter().filter(|(_, entry)| !entry.input.whole().contains('\0')).collect();
        let runs = futures::stream::iter(&entries).map(|(at, entry)| {
            let api = &api;
            async move {
                let arguments = ["tenant", "create", "--company", "Corpus", "--"].map(str::to_owned);
                let arguments = arguments.into_iter().chain([entry.input.whole()]).collect();
                let output = ctl(api, arguments).await;
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                let is_right = match entry.verdict {
                    Verdict::Accept => output.status.success(),
                    _ => matches!(output.status.code(), Some(2 | 5)) && said.contains("key"),
                };
                (at, is_right, output.status, said)
            }
        });
        let mut findings = Findings::default();
        let mut runs = runs.buffer_unordered(4);
        while let Some((at, is_right, status, said)) = runs.next().await {
            if !is_right {
                findings.note(at, format!("{status}: {said}"));
            }
        }
        findings.assert_none();
        assert_eq!(tenants(&api).await, accepted(&entries));
    });
}

#[test]
fn by_sql() {
    with_api(|api| async move {
        let entries = entries::<Input>(FILE);
        let mut database = api.database().await;
        let mut findings = Findings::default();
        for (at, entry) in &entries {
            let insert = sqlx::query("INSERT INTO gateway.tenant (key, company_name) VALUES ($1, 'Corpus')");
            let done = insert.bind(entry.input.whole()).execute(&mut database).await;
            let is_right = match (&done, entry.verdict) {
                (Ok(_), verdict) => verdict == Verdict::Accept,
                (Err(error), _) => {
                    let error = error.as_database_error().unwrap();
                    // A NUL is no text at all.
                    entry.verdict == Verdict::Reject
                        && (error.constraint().is_some_and(|name| name.starts_with("tenant_key_"))
                            || error.code().as_deref() == Some("22021"))
                }
            };
            if !is_right {
                findings.note(at, format!("{done:?}"));
            }
        }
        findings.assert_none();
        assert_eq!(tenants(&api).await, accepted(&entries));
    });
}
