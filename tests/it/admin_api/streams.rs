//! The stream of events: nobody misses one or hears one twice, whoever should not hear any longer does not, and a client
//! that does not read costs nothing.

use std::sync::Arc;
use std::time::{Duration, Instant};

use gateway::api::{AppState, router, server};
use gateway::infra::limits::Limits;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::{Api, ROOT, with_api, with_settings};
use crate::support::listener::{Heard, Listener};
use crate::support::{PATIENCE, wait_for};

const STREAM: &str = "/api/gateway/events/stream";
/// The rule for calls; a stream may take as long.
const REVOKED: Duration = Duration::from_secs(1);

async fn listen(api: &Api, key: &str, query: &str, last: Option<&str>) -> Listener {
    let request = api.bare("GET", &format!("{STREAM}{query}")).bearer_auth(key);
    Listener::open(match last {
        Some(last) => request.header("last-event-id", last),
        None => request,
    })
    .await
}

fn keys(heard: &[Heard]) -> Vec<&str> {
    heard.iter().map(|event| event.data["tenant_key"].as_str().unwrap()).collect()
}

#[test]
fn a_stream_begins_at_the_end_and_tells_what_the_list_does() {
    with_api(|api| async move {
        api.create("before").await;
        let mut stream = listen(&api, ROOT, "", None).await;
        let id = api.create("acme").await;
        let (created, opened) = (stream.next().await.unwrap(), stream.next().await.unwrap());
        assert_eq!((&*created.kind, &*opened.kind), ("tenant.created", "operation.opened"));
        assert_eq!(created.data["tenant_id"], json!(id));
        let list = api.call("GET", "/api/gateway/events?after=2").await;
        assert_eq!(list.body["items"], json!([created.data, opened.data]));
        assert_eq!((&*created.id, created.data["id"].as_i64()), ("3", Some(3)));
        assert_eq!(stream.retry, Some(2000));
        // From a place, by parameter and by header, which goes first.
        let mut again = listen(&api, ROOT, "?after=2", None).await;
        assert_eq!(again.next().await, Some(created));
        let mut again = listen(&api, ROOT, "?after=0", Some("3")).await;
        assert_eq!(again.next().await, Some(opened));
        let wrong = api.bare("GET", STREAM).bearer_auth(ROOT).header("last-event-id", "x");
        api.send(wrong).await.assert_problem(422, "validation_failed");
        api.call("GET", &format!("{STREAM}?after=99")).await.assert_problem(410, "events_gone");
    });
}

#[test]
fn a_stream_tells_what_is_asked_for_and_seen() {
    with_api(|api| async move {
        let mine = api.create("mine").await;
        let scopes = json!(["tenants:read"]);
        let key = api.post("/api/gateway/api-keys", &json!({ "name": "k", "scopes": scopes, "tenants": [mine] })).await;
        let mut limited = listen(&api, key.text("key"), "", None).await;
        let mut asked = listen(&api, ROOT, "?tenant=mine&kind=tenant.paused,tenant.resumed", None).await;
        let mut pools = listen(&api, ROOT, "?kind=pool.*", None).await;
        api.create("other").await;
        for verb in ["pause", "resume"] {
            api.call("POST", &format!("/api/gateway/tenants/mine/{verb}")).await;
        }
        let pool = api.post("/api/gateway/pools", &json!({ "name": "p", "backend_url": "http://10.0.0.1" })).await;
        assert_eq!(pool.status, 201, "{}", pool.body);
        for stream in [&mut limited, &mut asked] {
            for kind in ["tenant.paused", "tenant.resumed"] {
                let heard = stream.next().await.unwrap();
                assert_eq!((&*heard.kind, &heard.data["tenant_key"]), (kind, &json!("mine")));
            }
        }
        assert_eq!(pools.next().await.unwrap().data["data"]["name"], "p");
    });
}

#[test]
fn three_clients_that_come_and_go_hear_every_event_once_and_in_one_order() {
    const WRITERS: usize = 4;
    const CHANGES: usize = 125;
    with_api(|api| async move {
        let last = (WRITERS * CHANGES * 2).to_string();
        let mut clients = Vec::new();
        for _ in 0..3 {
            // Each on a process of its own.
            let (api, last) = (api.another().await, last.clone());
            clients.push(async move {
                let (mut heard, mut at, mut visits) = (Vec::<Heard>::new(), "0".to_owned(), 0);
                while at != last {
                    let mut stream = listen(&api, ROOT, "", Some(&at)).await;
                    visits += 1;
                    // Goes away in the middle of what comes, with the place of the last whole event.
                    for _ in 0..=rand::random_range(1..60) {
                        if at == last {
                            break;
                        }
                        let event = stream.next().await.unwrap();
                        at.clone_from(&event.id);
                        heard.push(event);
                    }
                }
                (heard, visits)
            });
        }
        let api = &api;
        let writers = futures::future::join_all((0..WRITERS).map(|writer| async move {
            let mut database = api.database().await;
            for n in 0..CHANGES {
                // Some are held open for a while, so that they commit out of order.
                let held = if n % 10 == 0 { "; SELECT pg_sleep(0.02)" } else { "" };
                let insert = format!(
                    "BEGIN; INSERT INTO gateway.tenant (key, company_name) VALUES ('t-{writer}-{n}', 'X'){held}; COMMIT"
                );
                sqlx::raw_sql(sqlx::AssertSqlSafe(insert)).execute(&mut database).await.unwrap();
            }
        }));
        let (clients, _) = tokio::join!(futures::future::join_all(clients), writers);
        let (first, _) = &clients[0];
        let numbers: Vec<usize> = first.iter().map(|event| event.id.parse().unwrap()).collect();
        assert_eq!(numbers, (1..=WRITERS * CHANGES * 2).collect::<Vec<_>>());
        for (heard, visits) in &clients {
            assert!(heard == first, "clients heard different orders");
            assert!(*visits > 10, "{visits}");
        }
        let mut told = keys(first);
        told.sort_unstable();
        told.dedup();
        assert_eq!(told.len(), WRITERS * CHANGES);
        // What one writer did comes in the order it did it in.
        for writer in 0..WRITERS {
            let prefix = format!("t-{writer}-");
            let order: Vec<usize> = first
                .iter()
                .filter(|event| event.kind == "tenant.created")
                .filter_map(|event| event.data["tenant_key"].as_str()?.strip_prefix(&prefix)?.parse().ok())
                .collect();
            assert_eq!(order, (0..CHANGES).collect::<Vec<_>>());
        }
    });
}

#[test]
fn a_lost_connection_of_the_reader_loses_nothing() {
    with_api(|api| async move {
        let mut stream = listen(&api, ROOT, "?kind=tenant.created", None).await;
        for n in 0..3 {
            api.create(&format!("tenant-{n}")).await;
            let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                        WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'LISTEN%'";
            // The second and third time it may just be on its way back.
            wait_for("the connection that listens for all streams", PATIENCE, || async {
                let cut: i64 = sqlx::query_scalar(cut).fetch_one(&mut api.database().await).await.unwrap();
                if cut == 1 { Ok(()) } else { Err(cut.to_string()) }
            })
            .await;
        }
        for n in 0..3 {
            let heard = stream.next().await.unwrap();
            assert_eq!(heard.data["tenant_key"], format!("tenant-{n}"));
        }
    });
}

#[test]
fn a_stream_ends_with_the_key_and_with_the_session_it_was_opened_by() {
    with_api(|api| async move {
        let made = api.post("/api/gateway/api-keys", &json!({ "name": "k", "scopes": ["tenants:read"] })).await;
        let mut by_key = listen(&api, made.text("key"), "", None).await;
        let cookie = api.log_in("viewer@test", "viewer").await;
        let mut by_session = Listener::open(api.bare("GET", STREAM).header("cookie", &cookie)).await;
        let mut other = listen(&api, ROOT, "?kind=tenant.created", None).await;
        // Both go on for longer than a look at their rights takes.
        assert_eq!(by_key.next_within(REVOKED).await, None);
        assert!(by_key.comments.iter().all(|comment| !comment.contains("rights")));
        let key = format!("/api/gateway/api-keys/{}", made.body["api_key"]["id"].as_str().unwrap());
        assert_eq!(api.call("DELETE", &key).await.status, 200);
        let since = Instant::now();
        assert_eq!(by_key.next().await, None);
        assert!(since.elapsed() <= REVOKED, "{:?}", since.elapsed());
        assert!(by_key.comments.iter().any(|comment| comment.contains("rights")), "{:?}", by_key.comments);
        let out = api.send(api.bare("DELETE", "/api/gateway/session").header("cookie", &cookie)).await;
        assert_eq!(out.status, 204, "{}", out.body);
        let since = Instant::now();
        assert_eq!(by_session.next().await, None);
        assert!(since.elapsed() <= REVOKED, "{:?}", since.elapsed());
        // Others go on.
        api.create("acme").await;
        assert!(other.next().await.is_some());
    });
}

#[test]
fn a_stream_ends_when_the_rights_of_its_caller_change_and_does_not_keep_a_session_alive() {
    with_api(|api| async move {
        let cookie = api.log_in("jo@test", "operator").await;
        let mut database = api.database().await;
        let seen = "SELECT last_seen_at::text FROM gateway.session";
        sqlx::raw_sql("UPDATE gateway.session SET last_seen_at = now() - interval '100 minutes'")
            .execute(&mut database)
            .await
            .unwrap();
        let mut stream = Listener::open(api.bare("GET", STREAM).header("cookie", &cookie)).await;
        sqlx::raw_sql("UPDATE gateway.session SET last_seen_at = now() - interval '110 minutes'")
            .execute(&mut database)
            .await
            .unwrap();
        let before: String = sqlx::query_scalar(seen).fetch_one(&mut database).await.unwrap();
        assert_eq!(stream.next_within(REVOKED * 2).await, None);
        let after: String = sqlx::query_scalar(seen).fetch_one(&mut database).await.unwrap();
        assert_eq!(after, before, "a stream that is open is nobody at the keyboard");
        sqlx::raw_sql("UPDATE gateway.user_account SET role = 'viewer'").execute(&mut database).await.unwrap();
        assert_eq!(stream.next().await, None);
        assert!(stream.comments.iter().any(|comment| comment.contains("rights")), "{:?}", stream.comments);
    });
}

/// A server whose connections are not cut when it is asked to end; its URL.
async fn patient(api: &Api, soft: &CancellationToken) -> (String, JoinHandle<()>) {
    let limits = api.settings.edge.limits_redis_url.as_ref().unwrap();
    let limits = Limits::connect(limits, api.store.installation().await.unwrap()).await.unwrap();
    let (settings, routes) = (Arc::clone(&api.settings), Arc::clone(&api.routes));
    let state = AppState::new(api.store.clone(), settings, routes, limits, soft.clone()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = server::serve(listener, router(state), soft.clone(), CancellationToken::new());
    (url, api.parts.spawn(serving))
}

#[test]
fn streams_end_at_once_when_the_process_is_asked_to() {
    with_api(|api| async move {
        let tenant = api.create("acme").await;
        let tenant = api.call("GET", &format!("/api/gateway/tenants/{tenant}")).await;
        let operation = tenant.body["operation"]["id"].as_str().unwrap();
        let soft = CancellationToken::new();
        let (url, served) = patient(&api, &soft).await;
        let open = |path: &str| Listener::open(api.http.get(format!("{url}{path}")).bearer_auth(ROOT));
        let mut events = open(STREAM).await;
        let mut follow = open(&format!("/api/gateway/operations/{operation}/events")).await;
        assert_eq!(follow.next().await.unwrap().kind, "operation");
        let since = Instant::now();
        soft.cancel();
        for stream in [&mut events, &mut follow] {
            assert_eq!(stream.next().await, None);
            assert!(stream.comments.iter().any(|comment| comment.contains("stops")), "{:?}", stream.comments);
        }
        served.await.unwrap();
        assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
    });
}

#[test]
fn the_number_of_streams_is_bounded_for_each_caller_and_for_all() {
    let few = [("GATEWAY_MAX_STREAMS", "3"), ("GATEWAY_MAX_STREAMS_PER_CALLER", "2")];
    with_settings(&few, |api| async move {
        let first = listen(&api, ROOT, "", None).await;
        let _second = listen(&api, ROOT, "", None).await;
        let refused = api.call("GET", STREAM).await;
        refused.assert_problem(429, "too_many_streams_of_caller");
        assert_eq!(refused.header("retry-after"), "5");
        let _third = listen(&api, super::READER, "", None).await;
        api.call_as(super::READER, "GET", STREAM).await.assert_problem(429, "too_many_streams");
        // A place is free when its client is gone.
        drop(first);
        wait_for("a place", PATIENCE, || async {
            let answer = api.bare("GET", STREAM).bearer_auth(ROOT).send().await.unwrap();
            if answer.status() == 200 { Ok(()) } else { Err(answer.status().to_string()) }
        })
        .await;
    });
}

#[test]
fn a_client_that_does_not_read_is_cut_off_and_holds_up_nobody() {
    with_api(|api| async move {
        let address = api.url.trim_start_matches("http://").parse().unwrap();
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        let mut deaf = socket.connect(address).await.unwrap();
        let head = format!("GET {STREAM}?after=0 HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {ROOT}\r\n\r\n");
        deaf.write_all(head.as_bytes()).await.unwrap();
        let mut quick = listen(&api, ROOT, "?kind=tenant.created", None).await;
        // More than the kernel holds for anybody.
        sqlx::raw_sql(
            "INSERT INTO gateway.event (kind, actor, data)
             SELECT 'job.opened', 'test', jsonb_build_object('text', repeat('x', 2000)) FROM generate_series(1, 8000)",
        )
        .execute(&mut api.database().await)
        .await
        .unwrap();
        api.create("acme").await;
        let since = Instant::now();
        assert_eq!(quick.next().await.unwrap().data["tenant_key"], "acme");
        assert!(since.elapsed() < Duration::from_secs(8), "{:?}", since.elapsed());
        // The server lets go of the connection, which its system tells who tries to send.
        let since = Instant::now();
        wait_for("the connection to be cut", PATIENCE, || async {
            match deaf.try_write(b"\r\n") {
                Err(error) if error.kind() != std::io::ErrorKind::WouldBlock => Ok(()),
                written => Err(format!("{written:?}")),
            }
        })
        .await;
        assert!(since.elapsed() < Duration::from_secs(30), "{:?}", since.elapsed());
        let mut rest = Vec::new();
        let _ = deaf.read_to_end(&mut rest).await;
        assert!(rest.len() < 16_000_000, "not everything was kept for it: {}", rest.len());
    });
}

#[test]
fn a_stream_lasts_as_long_as_the_caller_prefers() {
    with_api(|api| async move {
        let request = api.bare("GET", STREAM).bearer_auth(ROOT).header("prefer", "wait=1");
        let since = Instant::now();
        let mut stream = Listener::open(request).await;
        assert_eq!(stream.rest().await, []);
        let took = since.elapsed();
        assert!(took > Duration::from_millis(900) && took < Duration::from_secs(5), "{took:?}");
        assert!(stream.comments.iter().any(|comment| comment.contains("time")), "{:?}", stream.comments);
        // Its connection is good for other calls.
        assert_eq!(api.call("GET", "/api/gateway/me").await.status, 200);
    });
}
