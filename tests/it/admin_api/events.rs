//! The list of events: what is told, in what order, to whom, and for how long.

use std::collections::BTreeSet;
use std::time::Duration;

use gateway::domain::event::EventKind;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

use super::{Answer, READER, ROOT, with_api};

const EVENTS: &str = "/api/gateway/events";

fn kinds(answer: &Answer) -> Vec<&str> {
    answer.body["items"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap()).collect()
}

async fn sql(connection: &mut PgConnection, statement: &'static str) {
    sqlx::raw_sql(statement).execute(connection).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
}

#[test]
fn the_words_of_the_constraint_are_those_of_the_domain() {
    with_api(|api| async move {
        let text: String = sqlx::query_scalar(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'event_kind_known'",
        )
        .fetch_one(&mut api.database().await)
        .await
        .unwrap();
        let words: BTreeSet<&str> = text.split('\'').skip(1).step_by(2).collect();
        assert_eq!(words, EventKind::ALL.iter().map(|kind| kind.as_str()).collect());
    });
}

#[test]
fn every_kind_is_told_of_by_what_changes_and_whoever_changes_it() {
    with_api(|api| async move {
        // Over the API.
        let id = api.active("acme").await;
        let tenant = format!("/api/gateway/tenants/{id}");
        let edit = api.bare("PATCH", &tenant).bearer_auth(ROOT).json(&json!({ "notes": "n", "labels": { "a": "b" } }));
        assert_eq!(api.send(edit).await.status, 200);
        for verb in ["pause", "resume", "suspend"] {
            assert!(api.call("POST", &format!("{tenant}/{verb}")).await.status < 300, "{verb}");
        }
        let key = api.post("/api/gateway/api-keys", &json!({ "name": "k", "scopes": ["tenants:read"] })).await;
        let key = format!("/api/gateway/api-keys/{}", key.body["api_key"]["id"].as_str().unwrap());
        assert_eq!(api.post(&format!("{key}/rotate"), &json!({})).await.status, 200);
        assert_eq!(api.call("DELETE", &key).await.status, 200);
        let pools = "/api/gateway/pools";
        let pool = api.post(pools, &json!({ "name": "europe", "backend_url": "http://10.0.0.1:80" })).await;
        assert_eq!(pool.status, 201, "{}", pool.body);
        let pool: Uuid = pool.text("id").parse().unwrap();
        // By SQL, as a worker and as an operator would.
        let mut database = api.database().await;
        for statement in [
            "UPDATE gateway.operation SET state = 'succeeded', ended_at = now() WHERE ended_at IS NULL",
            "UPDATE gateway.tenant SET observed_generation = generation, due_at = NULL",
            "UPDATE gateway.tenant SET pool_id = (SELECT id FROM gateway.shared_pool WHERE name = 'europe')",
            "INSERT INTO gateway.shared_pool (name, backend_url) VALUES ('asia', 'http://10.0.0.2:80')",
            "UPDATE gateway.tenant SET pool_id = (SELECT id FROM gateway.shared_pool WHERE name = 'asia')",
            "UPDATE gateway.tenant SET observed_generation = generation, due_at = NULL, status = 'pending'",
            "UPDATE gateway.tenant SET status = 'provisioning'",
            "UPDATE gateway.tenant SET status = 'active', observed_generation = generation, due_at = NULL",
            "UPDATE gateway.tenant SET due_at = now(), repair = true, reason = 'no route'",
            "UPDATE gateway.operation SET state = 'running' WHERE ended_at IS NULL",
            "UPDATE gateway.tenant SET status = 'provisioning'",
            "UPDATE gateway.tenant SET status = 'active', observed_generation = generation, due_at = NULL, reason = NULL, repair = false",
            "UPDATE gateway.operation SET state = 'failed', ended_at = now(), error_step = 'route', error_code = 'redis_refuses'
              WHERE ended_at IS NULL",
            "UPDATE gateway.tenant SET due_at = now()",
            "UPDATE gateway.tenant SET status = 'error'",
            "UPDATE gateway.tenant SET status = 'deleting'",
            "UPDATE gateway.tenant SET status = 'purging'",
            "UPDATE gateway.tenant SET status = 'deleted', due_at = NULL, deleted_at = now()",
            "INSERT INTO gateway.job (kind) VALUES ('verify')",
            "UPDATE gateway.job SET state = 'failed', ended_at = now() WHERE kind = 'verify'",
            "UPDATE gateway.job SET state = 'succeeded', ended_at = now() WHERE ended_at IS NULL",
            "UPDATE gateway.shared_pool SET backend_url = 'http://10.0.0.3:80' WHERE name = 'asia'",
            "INSERT INTO gateway.shared_pool (name, backend_url) VALUES ('gone', 'http://10.0.0.2:80')",
            "DELETE FROM gateway.shared_pool WHERE name = 'gone'",
            "INSERT INTO gateway.job (kind) VALUES ('reconcile')",
            "UPDATE gateway.job SET state = 'succeeded', ended_at = now() WHERE ended_at IS NULL",
        ] {
            sql(&mut database, statement).await;
        }
        let all = api.call("GET", &format!("{EVENTS}?limit=200")).await;
        assert_eq!(all.status, 200, "{}", all.body);
        let told: BTreeSet<&str> = kinds(&all).into_iter().collect();
        let missing: Vec<&str> = EventKind::ALL.iter().map(|k| k.as_str()).filter(|k| !told.contains(k)).collect();
        assert!(missing.is_empty(), "nobody told of {missing:?}");
        // Numbered without gaps, and with who did it.
        let items = all.body["items"].as_array().unwrap();
        let numbers: Vec<i64> = items.iter().map(|event| event["id"].as_i64().unwrap()).collect();
        assert_eq!(numbers, (1..=i64::try_from(items.len()).unwrap()).collect::<Vec<_>>());
        let find = |kind: &str| items.iter().find(|event| event["kind"] == kind).unwrap();
        assert_eq!(find("tenant.edited")["actor"], "key:root");
        assert_eq!(find("tenant.edited")["data"], json!({ "fields": ["labels", "notes"] }));
        assert!(find("tenant.purging")["actor"].as_str().unwrap().starts_with("sql:"));
        assert_eq!(find("tenant.suspended")["tenant_key"], "acme");
        assert_eq!(find("tenant.moved")["data"]["from"], json!(pool));
        assert_eq!(find("tenant.drifted")["data"], json!({ "reason": "no route" }));
        assert_eq!(find("operation.failed")["data"]["code"], "redis_refuses");
        assert_eq!(find("pool.created")["tenant_id"], Value::Null);
        // The tenant is there before its work; a wish's operation before what it changed.
        let order = kinds(&all);
        let place = |kind: &str| order.iter().position(|one| *one == kind).unwrap();
        assert_eq!((place("tenant.created"), place("operation.opened")), (0, 1));
        let suspended = find("tenant.suspended");
        let opened = items.iter().find(|event| event["data"]["kind"] == "suspend").unwrap();
        assert_eq!(suspended["operation_id"], opened["operation_id"]);
        // Nothing secret is told.
        let text = all.body.to_string();
        assert!(!text.contains("hash") && !text.contains("sealed") && !text.contains("gwk_"), "{text}");
    });
}

#[test]
fn the_present_end_is_there_on_every_page() {
    with_api(|api| async move {
        assert_eq!(api.call("GET", EVENTS).await.text("end"), "0");
        for key in ["acme", "beta", "gamma"] {
            api.create(key).await;
        }
        let page = api.call("GET", &format!("{EVENTS}?limit=1")).await;
        assert_eq!((page.text("next_cursor"), page.text("end")), ("1", "6"));
        api.create("delta").await;
        let later = api.call("GET", &format!("{EVENTS}?after=6")).await;
        assert_eq!(kinds(&later), ["tenant.created", "operation.opened"]);
        assert_eq!(later.body["items"][0]["tenant_key"], "delta");
    });
}

#[test]
fn what_changes_nothing_is_not_told_of() {
    with_api(|api| async move {
        api.active("acme").await;
        let before = api.call("GET", &format!("{EVENTS}?limit=200")).await;
        let mut database = api.database().await;
        for statement in [
            "UPDATE gateway.tenant SET lease_token = gen_random_uuid(), lease_worker = 'w', lease_expires_at = now()",
            "UPDATE gateway.tenant SET lease_expires_at = now() + interval '1 minute'",
            "UPDATE gateway.tenant SET company_name = company_name, notes = notes",
            "UPDATE gateway.operation SET attempt = attempt + 1",
            "BEGIN; INSERT INTO gateway.tenant (key, company_name) VALUES ('never', 'Never'); ROLLBACK",
        ] {
            sql(&mut database, statement).await;
        }
        let after = api.call("GET", &format!("{EVENTS}?limit=200")).await;
        assert_eq!(after.body, before.body);
    });
}

#[test]
fn a_transaction_that_commits_late_comes_after_what_was_read_and_is_not_lost() {
    with_api(|api| async move {
        let (mut slow, mut quick) = (api.database().await, api.database().await);
        let mut open = slow.begin().await.unwrap();
        sqlx::query("INSERT INTO gateway.tenant (key, company_name) VALUES ('slow', 'Slow')")
            .execute(&mut *open)
            .await
            .unwrap();
        // Later begun, sooner committed; and nobody waits for the other.
        sql(&mut quick, "INSERT INTO gateway.tenant (key, company_name) VALUES ('quick', 'Quick')").await;
        let first = api.call("GET", EVENTS).await;
        assert_eq!(kinds(&first), ["tenant.created", "operation.opened"]);
        assert_eq!(first.body["items"][0]["tenant_key"], "quick");
        let cursor = first.text("next_cursor").to_owned();
        assert!(kinds(&api.call("GET", &format!("{EVENTS}?after={cursor}")).await).is_empty());
        open.commit().await.unwrap();
        let second = api.call("GET", &format!("{EVENTS}?after={cursor}")).await;
        assert_eq!(kinds(&second), ["tenant.created", "operation.opened"]);
        assert_eq!(second.body["items"][0]["tenant_key"], "slow");
        assert_eq!(second.text("next_cursor"), "4");
        // Written first, and numbered last.
        let (low, high) = (&second.body["items"][0]["at"], &first.body["items"][0]["at"]);
        assert!(low.as_str().unwrap() < high.as_str().unwrap(), "{low} {high}");
    });
}

#[test]
fn readers_at_once_number_each_event_once() {
    with_api(|api| async move {
        let mut readers = Vec::new();
        for _ in 0..4 {
            let api = api.another().await;
            readers.push(async move {
                let (mut cursor, mut seen) = ("0".to_owned(), Vec::new());
                while seen.len() < 400 {
                    let page = api.call("GET", &format!("{EVENTS}?after={cursor}&limit=200")).await;
                    assert_eq!(page.status, 200, "{}", page.body);
                    cursor = page.text("next_cursor").to_owned();
                    seen.extend(page.body["items"].as_array().unwrap().clone());
                }
                seen
            });
        }
        let writers = (0..4).map(|writer| {
            let api = &api;
            async move {
                let mut database = api.database().await;
                for n in 0..50 {
                    sqlx::query("INSERT INTO gateway.tenant (key, company_name) VALUES ($1, 'X')")
                        .bind(format!("t-{writer}-{n}"))
                        .execute(&mut database)
                        .await
                        .unwrap();
                }
            }
        });
        let (seen, _) = tokio::join!(futures::future::join_all(readers), futures::future::join_all(writers));
        let numbers: Vec<i64> = seen[0].iter().map(|event| event["id"].as_i64().unwrap()).collect();
        assert_eq!(numbers, (1..=400).collect::<Vec<_>>());
        assert!(seen.iter().all(|one| *one == seen[0]), "readers saw different orders");
    });
}

#[test]
fn a_caller_sees_what_its_reach_and_its_scopes_hold() {
    with_api(|api| async move {
        let (mine, other) = (api.create("mine").await, api.create("other").await);
        assert_eq!(api.post("/api/gateway/jobs", &json!({ "kind": "verify" })).await.status, 202);
        let key = async |body: Value| api.post("/api/gateway/api-keys", &body).await.text("key").to_owned();
        let scopes = json!(["tenants:read", "operations:read", "fleet:read", "keys:read"]);
        let limited = key(json!({ "name": "limited", "scopes": scopes, "tenants": [mine] })).await;
        let all = api.call_as(&limited, "GET", EVENTS).await;
        assert_eq!(kinds(&all), ["tenant.created", "operation.opened"]);
        assert!(all.body["items"].as_array().unwrap().iter().all(|event| event["tenant_id"] == json!(mine)));
        let hidden = api.call_as(&limited, "GET", &format!("{EVENTS}?tenant=other")).await;
        hidden.assert_problem(404, "tenant_not_found");
        assert!(kinds(&api.call_as(&limited, "GET", &format!("{EVENTS}?tenant={other}")).await).is_empty());
        // With the one scope only what that scope is about.
        assert_eq!(kinds(&api.call_as(READER, "GET", EVENTS).await), ["tenant.created", "tenant.created"]);
        assert!(kinds(&api.call_as(READER, "GET", &format!("{EVENTS}?kind=job.*,api_key.*")).await).is_empty());
        assert_eq!(
            kinds(&api.call("GET", &format!("{EVENTS}?kind=job.*,api_key.*")).await),
            ["job.opened", "api_key.created"]
        );
        let one = api.call("GET", &format!("{EVENTS}?tenant=other&kind=tenant.created")).await;
        assert_eq!(one.body["items"][0]["tenant_key"], "other");
        assert_eq!(kinds(&one).len(), 1);
    });
}

#[test]
fn pages_follow_each_other_and_wrong_parameters_are_named() {
    with_api(|api| async move {
        for n in 0..5 {
            api.create(&format!("tenant-{n}")).await;
        }
        let (mut cursor, mut seen) = (String::new(), Vec::new());
        loop {
            let page = api.call("GET", &format!("{EVENTS}?limit=3&kind=tenant.created&after={cursor}")).await;
            let found = page.body["items"].as_array().unwrap().clone();
            cursor = page.text("next_cursor").to_owned();
            seen.extend(found.iter().map(|event| event["tenant_key"].as_str().unwrap().to_owned()));
            if found.len() < 3 {
                break;
            }
        }
        assert_eq!(seen, (0..5).map(|n| format!("tenant-{n}")).collect::<Vec<_>>());
        assert_eq!(cursor, "10", "the cursor of the last page passes over what was not asked for");
        let wrong = api.call("GET", &format!("{EVENTS}?after=x&kind=tenant.gone&limit=0&more=1")).await;
        wrong.assert_problem(422, "validation_failed");
        assert_eq!(
            wrong.wrong(),
            [("/kind", "unknown_value"), ("/after", "cursor"), ("/limit", "range"), ("/more", "unknown")]
        );
    });
}

#[test]
fn old_events_go_from_the_beginning_and_their_readers_are_told() {
    with_api(|api| async move {
        for n in 0..4 {
            api.create(&format!("tenant-{n}")).await;
        }
        assert_eq!(api.call("GET", EVENTS).await.text("next_cursor"), "8");
        let mut database = api.database().await;
        sql(&mut database, "ALTER TABLE gateway.event DISABLE TRIGGER event_guard").await;
        sql(&mut database, "UPDATE gateway.event SET at = at - interval '40 days' WHERE number <= 5 OR number = 7")
            .await;
        sql(&mut database, "ALTER TABLE gateway.event ENABLE TRIGGER event_guard").await;
        let month = Duration::from_secs(30 * 86_400);
        assert_eq!(api.store.remove_events(month, 3).await.unwrap(), 3, "a few at a time");
        assert_eq!(api.store.remove_events(month, 3).await.unwrap(), 2, "up to the first that is young");
        assert_eq!(api.store.remove_events(month, 3).await.unwrap(), 0);
        let gone = api.call("GET", &format!("{EVENTS}?after=4")).await;
        gone.assert_problem(410, "events_gone");
        let ids = |answer: &Answer| -> Vec<i64> {
            answer.body["items"].as_array().unwrap().iter().map(|event| event["id"].as_i64().unwrap()).collect()
        };
        assert_eq!(ids(&api.call("GET", &format!("{EVENTS}?after=5")).await), [6, 7, 8]);
        assert_eq!(ids(&api.call("GET", EVENTS).await), [6, 7, 8], "without a place from the oldest that is kept");
        api.call("GET", &format!("{EVENTS}?after=9")).await.assert_problem(410, "events_gone");
        // Numbers are not given twice when everything is gone.
        assert_eq!(api.store.remove_events(Duration::ZERO, 100).await.unwrap(), 3);
        api.create("late").await;
        assert_eq!(ids(&api.call("GET", &format!("{EVENTS}?after=8")).await), [9, 10]);
    });
}

#[test]
fn an_event_is_never_changed() {
    with_api(|api| async move {
        api.create("acme").await;
        assert_eq!(api.call("GET", EVENTS).await.status, 200);
        for statement in ["UPDATE gateway.event SET actor = 'x'", "UPDATE gateway.event SET number = number + 10"] {
            let refused = sqlx::raw_sql(statement).execute(&mut api.database().await).await.unwrap_err();
            assert_eq!(refused.as_database_error().unwrap().constraint(), Some("event_insert_only"), "{statement}");
        }
    });
}
