//! What the port answers by itself.

use super::super::table::EntryState;
use super::rig::{Edge, HOST, Setup, entry};

#[tokio::test]
async fn each_state_has_its_page() {
    let edge = Edge::start([
        entry("preparing.localhost", EntryState::Preparing),
        entry("suspended.localhost", EntryState::Suspended),
        entry("unavailable.localhost", EntryState::Unavailable),
    ])
    .await;
    for (host, status, code, retry, named) in [
        ("preparing.localhost", 503, "preparing", Some("2"), true),
        ("suspended.localhost", 503, "suspended", None, true),
        ("unavailable.localhost", 503, "unavailable", Some("10"), true),
        ("nobody.localhost", 404, "unknown_host", None, false),
    ] {
        let page = edge.get(host, "Accept: text/html,*/*;q=0.8\r\n").await;
        assert_eq!(
            (page.status, page.header("x-gateway-error"), page.header("retry-after")),
            (status, Some(code), retry),
            "{host}"
        );
        assert_eq!(page.header("cache-control"), Some("no-store"));
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(page.body.contains("Acme &lt;b&gt;&amp;&lt;/b&gt; Sons"), named, "{host}");
        assert!(!page.body.contains("<b>") && !page.body.contains("nobody"));

        let problem = edge.get(host, "Accept: application/json\r\nX-Request-Id: my-id\r\n").await;
        assert_eq!((problem.status, problem.header("content-type")), (status, Some("application/problem+json")));
        let value: serde_json::Value = serde_json::from_str(&problem.body).unwrap();
        assert_eq!((&value["code"], &value["instance"]), (&code.into(), &"my-id".into()));
        assert!(!problem.body.contains("Acme"));
    }
}

#[tokio::test]
async fn before_the_first_load_no_host_is_called_unknown() {
    let edge = Edge::unloaded(Setup::default()).await;
    let page = edge.get(HOST, "").await;
    assert_eq!(
        (page.status, page.header("x-gateway-error"), page.header("retry-after")),
        (503, Some("starting"), Some("2"))
    );
}

#[tokio::test]
async fn a_head_request_gets_the_head_alone() {
    let edge = Edge::start([]).await;
    let mut client = super::rig::Client::connect(edge.address).await;
    client.send(&format!("HEAD / HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n")).await;
    assert_eq!(client.head().await.status, 404);
    assert_eq!(client.rest().await, "");
}
