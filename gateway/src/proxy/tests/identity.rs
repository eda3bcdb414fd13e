//! Who the upstream is told the tenant and the client are.

use super::super::table::EntryState;
use super::rig::{ACME, Edge, HOST, Setup, entry, mirror, serving};

const NAMES: [&str; 12] = [
    "X-Tenant-Id",
    "X-Tenant-Key",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded-Port",
    "X-Forwarded-Prefix",
    "X-Forwarded-Server",
    "X-Real-Ip",
    "X-Original-URL",
    "X-Rewrite-URL",
    "Forwarded",
];

/// Every spelling of `name` that some framework reads as `name`.
fn spellings(name: &str) -> Vec<String> {
    let mut spellings = vec![name.to_owned(), name.to_lowercase(), name.to_uppercase()];
    for separator in ['_', '.', '~'] {
        spellings.push(name.replace('-', &separator.to_string()));
        spellings.push(name.replacen('-', &separator.to_string(), 1));
    }
    spellings
}

#[tokio::test]
async fn no_spelling_of_a_forged_field_reaches_an_upstream() {
    let edge = Edge::start([entry(HOST, serving(mirror().await))]).await;
    for name in NAMES {
        for spelling in spellings(name) {
            let reply = edge
                .get(
                    HOST,
                    &format!("{spelling}: forged\r\n{spelling}: forged-again\r\nConnection: {spelling}, {name}\r\n"),
                )
                .await;
            assert_eq!(reply.status, 200);
            assert!(!reply.body.contains("forged"), "{spelling}: {}", reply.body);
            assert_eq!(reply.mirrored("x-tenant-id"), [ACME.to_string()]);
            assert_eq!(reply.mirrored("x-tenant-key"), ["acme"]);
            assert_eq!(reply.mirrored("x-forwarded-for"), ["127.0.0.1"]);
            assert_eq!(reply.mirrored("x-real-ip"), ["127.0.0.1"]);
            assert_eq!(reply.mirrored("x-forwarded-proto"), ["http"]);
            assert_eq!(reply.mirrored("x-forwarded-host"), [HOST]);
        }
    }
}

#[tokio::test]
async fn a_trusted_peer_speaks_for_its_client_but_never_for_a_tenant_of_another_host() {
    let setup = Setup { trusted: vec!["127.0.0.0/8".parse().unwrap()], ..Setup::default() };
    let edge = Edge::with(setup, [entry(HOST, serving(mirror().await))]).await;
    let other = uuid::Uuid::from_u128(9);
    let reply = edge.get(HOST, &format!("X-Forwarded-For: 198.51.100.7\r\nX-Forwarded-Proto: https\r\nX-Tenant-Id: {other}\r\nX_Tenant_Id: {other}\r\nForwarded: for=x\r\n")).await;
    assert_eq!(reply.mirrored("x-forwarded-for"), ["198.51.100.7, 127.0.0.1"]);
    assert_eq!(reply.mirrored("x-forwarded-proto"), ["https"]);
    assert_eq!(reply.mirrored("x-tenant-id"), [ACME.to_string()]);
    assert!(!reply.body.contains(&other.to_string()) && !reply.body.contains("for=x"), "{}", reply.body);
}

#[tokio::test]
async fn only_a_trusted_peer_may_name_the_tenant_of_an_unknown_host() {
    let mirror = mirror().await;
    let named = format!("X-Tenant-Id: {ACME}\r\n");
    let edge = Edge::start([entry(HOST, serving(mirror))]).await;
    assert_eq!(edge.get("elsewhere.example", &named).await.status, 404);

    let setup = Setup { trusted: vec!["127.0.0.1/32".parse().unwrap()], ..Setup::default() };
    let edge = Edge::with(setup, [entry(HOST, serving(mirror))]).await;
    let reply = edge.get("elsewhere.example", &named).await;
    assert_eq!((reply.status, reply.mirrored("host")), (200, vec!["elsewhere.example"]));
    for unclear in [
        format!("{named}{named}"),
        "X-Tenant-Id: nonsense\r\n".into(),
        format!("X_Tenant_Id: {ACME}\r\n"),
        String::new(),
    ] {
        assert_eq!(edge.get("elsewhere.example", &unclear).await.status, 404, "{unclear}");
    }
}

#[tokio::test]
async fn every_spelling_of_a_host_finds_its_tenant_and_is_passed_on_as_written() {
    let edge =
        Edge::start([entry("Notes.Acme.example", serving(mirror().await)), entry(HOST, EntryState::Suspended)]).await;
    for host in [
        "notes.acme.example",
        "NOTES.acme.EXAMPLE",
        "notes.acme.example.",
        "notes.acme.example:8000",
        "Notes.Acme.Example.:80",
    ] {
        let reply = edge.get(host, "").await;
        assert_eq!((reply.status, reply.mirrored("host")), (200, vec![host]), "{host}");
    }
    let absolute = edge.ask("GET http://notes.acme.example/x HTTP/1.1\r\nHost: notes.acme.example\r\n\r\n").await;
    assert_eq!((absolute.status, absolute.body.lines().next()), (200, Some("GET /x")));
    assert_eq!(edge.get("acme.localhost.evil.example", "").await.status, 404);
}

#[tokio::test]
async fn a_request_without_one_clear_host_is_refused() {
    let edge = Edge::start([entry(HOST, serving(mirror().await))]).await;
    for request in [
        "GET / HTTP/1.1\r\n\r\n".to_owned(),
        "GET / HTTP/1.1\r\nHost:\r\n\r\n".to_owned(),
        format!("GET / HTTP/1.1\r\nHost: {HOST}\r\nHost: {HOST}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: {HOST}, other.localhost\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: {HOST}:80:80\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: user@{HOST}\r\n\r\n"),
        format!("GET / HTTP/1.1\r\nHost: {HOST}/path\r\n\r\n"),
        format!("GET http://other.localhost/ HTTP/1.1\r\nHost: {HOST}\r\n\r\n"),
    ] {
        let reply = edge.ask(&request).await;
        assert_eq!((reply.status, reply.header("x-gateway-error")), (400, Some("bad_host")), "{request:?}");
    }
    for method in ["TRACE", "CONNECT"] {
        let target = if method == "CONNECT" { "acme.localhost:80" } else { "/" };
        assert_eq!(
            edge.ask(&format!("{method} {target} HTTP/1.1\r\nHost: {HOST}:80\r\n\r\n")).await.status,
            405,
            "{method}"
        );
    }
}
