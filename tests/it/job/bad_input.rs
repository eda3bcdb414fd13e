//! Bad input is refused with the field named, through every way in, and leaves nothing behind.

use serde_json::{Value, json};

use crate::support::stack::Stack;
use crate::support::{run, unique_key};

/// Keys and the code of the rule they break.
fn bad_keys() -> Vec<(String, &'static str)> {
    let plain = [
        ("", "length"),
        ("a", "length"),
        ("Acme", "character"),
        ("a.b", "character"),
        ("a/b", "character"),
        ("a`b", "character"),
        ("a_b", "character"),
        ("a b", "character"),
        ("a@file", "character"),
        ("ключ", "character"),
        ("a\nb", "character"),
        ("a'); DROP TABLE x; --", "character"),
        ("-ab", "hyphen"),
        ("ab-", "hyphen"),
        ("a--b", "hyphen"),
        ("xn--abc", "hyphen"),
        ("0123456789abcdef0123456789abcdef", "uuid"),
        ("admin", "reserved"),
        ("www", "reserved"),
        ("api", "reserved"),
        ("postgres", "reserved"),
        ("gateway", "reserved"),
    ];
    let mut all: Vec<(String, &str)> = plain.map(|(key, code)| (key.to_owned(), code)).to_vec();
    all.push(("a".repeat(41), "length"));
    all.push(("a".repeat(5000), "length"));
    all
}

async fn rows(stack: &Stack, company: &str) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM gateway.tenant WHERE company_name = $1")
        .bind(company)
        .fetch_one(&stack.control)
        .await
        .unwrap()
}

fn has_error(problem: &Value, pointer: &str, code: &str) -> bool {
    problem["errors"]
        .as_array()
        .is_some_and(|errors| errors.iter().any(|e| e["pointer"] == pointer && e["code"] == code))
}

#[test]
fn a_bad_key_is_refused_by_api_cli_and_sql() {
    run(async {
        let stack = Stack::shared().await;
        let company = unique_key("Bad");
        for (key, code) in bad_keys() {
            let body = json!({ "key": key, "company_name": company });
            let (status, problem) = stack.api("POST", "/api/gateway/tenants", Some(body)).await;
            assert_eq!(status, 422, "{key:?}: {problem}");
            assert!(has_error(&problem, "/key", code), "{key:?} should break {code}: {problem}");

            let cli = stack.ctl(&["tenant", "create", "--company", &company, "--", &key]);
            let said = String::from_utf8_lossy(&cli.stderr);
            assert!(matches!(cli.status.code(), Some(2 | 5)), "{key:?}: {cli:?}");
            assert!(said.contains("key"), "{key:?}: {said}");

            let sql = sqlx::query("INSERT INTO gateway.tenant (key, company_name) VALUES ($1, $2)")
                .bind(&key)
                .bind(&company)
                .execute(&stack.control)
                .await
                .expect_err(&key);
            let constraint = sql.as_database_error().unwrap().constraint().unwrap().to_owned();
            assert!(constraint.starts_with("tenant_key_"), "{key:?}: {constraint}");
        }
        assert_eq!(rows(&stack, &company).await, 0);
    });
}

#[test]
fn all_errors_come_at_once_and_unknown_fields_are_refused() {
    run(async {
        let stack = Stack::shared().await;
        let body = json!({ "key": "Bad Key", "company_name": "a\u{7}b", "tier": "golden", "host": "not a host" });
        let (status, problem) = stack.api("POST", "/api/gateway/tenants", Some(body)).await;
        assert_eq!(status, 422, "{problem}");
        for pointer in ["/key", "/company_name", "/tier", "/host"] {
            assert!(
                problem["errors"].as_array().unwrap().iter().any(|e| e["pointer"] == pointer),
                "{pointer}: {problem}"
            );
        }
        let body = json!({ "key": unique_key("x"), "company_name": "X", "colour": "red" });
        let (status, problem) = stack.api("POST", "/api/gateway/tenants", Some(body)).await;
        assert!((400..=422).contains(&status) && problem.to_string().contains("colour"), "{status} {problem}");
    });
}

#[test]
fn a_taken_key_or_host_is_a_conflict_that_names_the_field() {
    run(async {
        let stack = Stack::shared().await;
        let (first, second) = (unique_key("first"), unique_key("second"));
        let host = format!("{first}.customer.example");
        let body = json!({ "key": first, "company_name": "First", "host": host });
        assert_eq!(stack.api("POST", "/api/gateway/tenants", Some(body.clone())).await.0, 202);
        let (status, problem) = stack.api("POST", "/api/gateway/tenants", Some(body)).await;
        assert_eq!(status, 409, "{problem}");
        assert!(has_error(&problem, "/key", "taken"), "{problem}");
        let body = json!({ "key": second, "company_name": "Second", "host": host });
        let (status, problem) = stack.api("POST", "/api/gateway/tenants", Some(body)).await;
        assert_eq!(status, 409, "{problem}");
        assert!(has_error(&problem, "/host", "taken"), "{problem}");
        let body = json!({ "key": second, "company_name": "Second", "host": stack.host_of(&first) });
        let (status, problem) = stack.api("POST", "/api/gateway/tenants", Some(body)).await;
        assert_eq!(status, 422, "another tenant's default host: {problem}");

        stack.settled(&first, &["active"]).await;
        assert_eq!(stack.get(&host, "/").await.status, 200, "a host of its own is served");
        let sql = sqlx::query("INSERT INTO gateway.tenant (key, company_name) VALUES ($1, 'Again')")
            .bind(&first)
            .execute(&stack.control)
            .await
            .expect_err("a taken key");
        assert_eq!(sql.as_database_error().unwrap().constraint(), Some("tenant_key_live"));
    });
}

#[test]
fn an_illegal_move_is_refused_by_api_and_sql() {
    run(async {
        let stack = Stack::shared().await;
        let key = unique_key("moves");
        stack.insert(&key, "Moves").await;
        stack.settled(&key, &["active"]).await;
        for (verb, code) in [("reactivate", "illegal_transition"), ("retry", "nothing_to_retry")] {
            let (status, problem) = stack.api("POST", &format!("/api/gateway/tenants/{key}/{verb}"), None).await;
            assert_eq!((status, problem["code"].as_str()), (409, Some(code)), "{verb}: {problem}");
        }
        for (column, value) in
            [("status", "deleted"), ("status", "provisioning"), ("status", "nonsense"), ("key", "other")]
        {
            let sql = if column == "key" {
                sqlx::query("UPDATE gateway.tenant SET key = $2 WHERE key = $1")
            } else {
                sqlx::query("UPDATE gateway.tenant SET status = $2 WHERE key = $1")
            };
            let error = sql.bind(&key).bind(value).execute(&stack.control).await.expect_err(value);
            assert_eq!(
                error.as_database_error().unwrap().code().as_deref(),
                Some("23514"),
                "{column} {value}: {error}"
            );
        }
        let error = sqlx::query("DELETE FROM gateway.tenant WHERE key = $1").bind(&key).execute(&stack.control).await;
        assert!(error.is_err(), "a row is never removed");
        stack.settled(&key, &["active"]).await;
    });
}
