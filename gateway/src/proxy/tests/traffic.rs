//! What is counted of the requests that are answered.

use http::{Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};

use super::super::table::EntryState;
use super::rig::{ACME, Edge, HOST, entry, mirror, serving, upstream};

#[tokio::test]
async fn each_answer_is_counted_once_for_its_tenant() {
    let edge = Edge::start([entry(HOST, serving(mirror().await))]).await;
    for _ in 0..3 {
        assert_eq!(edge.get(HOST, "").await.status, 200);
    }
    assert_eq!(edge.get("nobody.localhost", "").await.status, 404);
    let counted = edge.traffic.take();
    let acme = counted[&Some(ACME)];
    assert_eq!((acme.requests, acme.errors, acme.durations.iter().sum()), (3, 0, 3_u64));
    assert_eq!((counted[&None].requests, counted[&None].errors, counted.len()), (1, 0, 2));
}

#[tokio::test]
async fn errors_are_those_of_the_server_and_not_the_pages_that_should_be() {
    let broken = |_request: http::Request<Incoming>| async {
        Response::builder().status(StatusCode::INTERNAL_SERVER_ERROR).body(Full::new(Bytes::new())).unwrap()
    };
    let edge = Edge::start([
        entry("broken.localhost", serving(upstream(broken).await)),
        entry("paused.localhost", EntryState::Suspended),
        entry("made.localhost", EntryState::Preparing),
        entry("gone.localhost", EntryState::Unavailable),
    ])
    .await;
    for (host, status) in [("broken", 500), ("paused", 503), ("made", 503), ("gone", 503)] {
        assert_eq!(edge.get(&format!("{host}.localhost"), "").await.status, status, "{host}");
    }
    let counted = edge.traffic.take()[&Some(ACME)];
    assert_eq!((counted.requests, counted.errors), (4, 2));
}
