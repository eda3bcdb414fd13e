//! Customers' names through the API, the command line and SQL.

use futures::StreamExt;
use serde_json::{Value, json};

use super::entry::{Input, Verdict, entries};
use super::watch::Watch;
use super::{Findings, ctl};
use crate::admin_api::with_api;

const FILE: &str = "names.jsonl";

/// What is kept of a name that is taken.
fn kept(entry: &Input) -> String {
    entry.kept.as_ref().unwrap_or(&entry.input).whole()
}

#[test]
fn by_the_api() {
    with_api(|api| async move {
        let watch = Watch::begin();
        let mut findings = Findings::default();
        for (number, (at, entry)) in entries::<Input>(FILE).iter().enumerate() {
            let body = json!({ "key": format!("n{number}"), "company_name": entry.input.whole() });
            let answer = api.post("/api/gateway/tenants", &body).await;
            let shown = api.call("GET", &format!("/api/gateway/tenants/n{number}")).await;
            let is_right = match &entry.code {
                None => answer.status == 202 && shown.body["company_name"] == *kept(entry),
                Some(code) => {
                    answer.status == 422 && answer.wrong() == [("/company_name", code.as_str())] && shown.status == 404
                }
            };
            if !is_right {
                findings.note(at, format!("{} {}", answer.status, answer.body));
            }
        }
        findings.assert_none();
        watch.assert_silent();
    });
}

#[test]
fn by_the_command_line() {
    with_api(|api| async move {
        let entries: Vec<_> =
            entries::<Input>(FILE).into_iter().filter(|(_, entry)| !entry.input.whole().contains('\0')).collect();
        let runs = futures::stream::iter(entries.iter().enumerate()).map(|(number, (at, entry))| {
            let api = &api;
            async move {
                let company = format!("--company={}", entry.input.whole());
                let arguments =
                    ["tenant", "create", "-o", "json", &company, "--", &format!("n{number}")].map(str::to_owned);
                let output = ctl(api, arguments.into()).await;
                let shown: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
                let is_right = match entry.verdict {
                    Verdict::Reject => matches!(output.status.code(), Some(2 | 5)),
                    _ => output.status.success() && shown["company_name"] == *kept(entry),
                };
                (at, is_right, output)
            }
        });
        let mut findings = Findings::default();
        let mut runs = runs.buffer_unordered(4);
        while let Some((at, is_right, output)) = runs.next().await {
            if !is_right {
                findings.note(at, format!("{output:?}"));
            }
        }
        findings.assert_none();
    });
}

#[test]
fn by_sql() {
    with_api(|api| async move {
        let mut database = api.database().await;
        let mut findings = Findings::default();
        for (number, (at, entry)) in entries::<Input>(FILE).iter().enumerate() {
            let insert = sqlx::query("INSERT INTO gateway.tenant (key, company_name) VALUES ($1, $2)");
            let insert = insert.bind(format!("n{number}")).bind(entry.input.whole());
            let done = insert.execute(&mut database).await;
            if done.is_ok() != (entry.sql == Some(Verdict::Accept)) {
                findings.note(at, format!("{done:?}"));
            }
            let answer = api.call("GET", &format!("/api/gateway/tenants/n{number}")).await;
            if done.is_ok() && answer.body["company_name"] != *entry.input.whole() {
                findings.note(at, format!("shown as {}", answer.body));
            }
        }
        findings.assert_none();
    });
}
