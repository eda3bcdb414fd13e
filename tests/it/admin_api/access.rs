//! Every operation of the document asks for what it says it asks for.

use serde_json::Value;

use super::{NOBODY, ROOT, with_api};

/// Method, path with stand-ins filled in, and the scope an API key needs.
fn operations() -> Vec<(String, String, Option<String>)> {
    let document = serde_json::to_value(gateway::api::openapi::document()).unwrap();
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let needed = operation["security"].as_array().unwrap();
            let is_open = needed.iter().any(|one| one.as_object().unwrap().is_empty());
            if is_open {
                continue;
            }
            let scopes = needed.iter().find_map(|one| one["api_key"].as_array()).unwrap();
            let scope = scopes.first().and_then(Value::as_str).map(str::to_owned);
            let path = path.replace("{id_or_key}", "none").replace("{id}", &uuid::Uuid::nil().to_string());
            found.push((method.to_uppercase(), path, scope));
        }
    }
    found
}

#[test]
fn nobody_unknown_is_let_in() {
    with_api(|api| async move {
        let mistyped = "gwk_000000000000_0000000000000000000000000000000000000000000_000000";
        for (method, path, _) in operations() {
            let answer = api.send(api.bare(&method, &path)).await;
            answer.assert_problem(401, "unauthenticated");
            assert!(answer.header("www-authenticate").starts_with("Bearer "), "{method} {path}");
            for wrong in ["", "x", mistyped, &ROOT[1..], &format!("{ROOT}x")] {
                api.call_as(wrong, &method, &path).await.assert_problem(401, "unauthenticated");
            }
            let cookie = api.bare(&method, &path).header("cookie", "gw_session=AAAA");
            api.send(cookie).await.assert_problem(401, "unauthenticated");
        }
    });
}

#[test]
fn a_caller_without_the_scope_is_told_which() {
    with_api(|api| async move {
        let mut guarded = 0;
        for (method, path, scope) in operations() {
            let Some(scope) = scope else { continue };
            let answer = api.call_as(NOBODY, &method, &path).await;
            answer.assert_problem(403, "missing_scope");
            assert!(answer.text("detail").contains(&scope), "{method} {path}: {}", answer.body);
            guarded += 1;
        }
        assert_eq!(guarded, 21);
    });
}

#[test]
fn roles_reach_as_far_as_they_say() {
    with_api(|api| async move {
        let owner = api.log_in("owner@test", "owner").await;
        let operator = api.log_in("operator@test", "operator").await;
        let viewer = api.log_in("viewer@test", "viewer").await;
        let support = api.log_in("support@test", "support").await;
        for (method, path, scope) in operations() {
            let Some(scope) = scope else { continue };
            for (cookie, may) in [
                (&owner, true),
                (&operator, scope != "credentials:reveal"),
                (&viewer, scope.ends_with(":read")),
                (&support, scope.ends_with(":read")),
            ] {
                let answer = api.send(api.bare(&method, &path).header("cookie", cookie)).await;
                assert_eq!(answer.status != 403, may, "{method} {path} {cookie}: {}", answer.body);
            }
        }
    });
}
