//! The document of the API, and the page that shows it.

use super::{with_api, with_settings};

#[test]
fn without_a_wish_neither_is_served() {
    with_api(|api| async move {
        for path in
            ["/api/gateway/openapi.json", "/openapi.json", "/docs", "/docs/", "/docs/index.html", "/docs/start.js"]
        {
            api.call("GET", path).await.assert_problem(404, "route_not_found");
        }
    });
}

#[test]
fn the_page_that_shows_the_document_is_served_on_wish_and_asks_nobody_else() {
    with_settings(&[("GATEWAY_ENABLE_API_DOCS", "true")], |api| async move {
        let document = api.call("GET", "/api/gateway/openapi.json").await;
        assert_eq!(document.text("openapi"), "3.1.0");
        assert_eq!(api.send(api.bare("GET", "/openapi.json")).await.body, document.body);
        for path in ["/docs", "/docs/", "/docs/index.html"] {
            let page = api.bare("GET", path).send().await.unwrap();
            assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8", "{path}");
            let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
            assert!(policy.starts_with("default-src 'self';") && !policy.contains("script-src"), "{policy}");
            let text = page.text().await.unwrap();
            let links: Vec<&str> = text.split(['"', '\'']).filter(|part| part.contains("//")).collect();
            assert!(links.is_empty() && !text.contains("<script>"), "{text}");
        }
        for (path, kind) in [
            ("/docs/swagger-ui-bundle.js", "text/javascript; charset=utf-8"),
            ("/docs/swagger-ui.css", "text/css; charset=utf-8"),
            ("/docs/start.js", "text/javascript; charset=utf-8"),
            ("/docs/swagger-ui.LICENSE.txt", "text/plain; charset=utf-8"),
        ] {
            let file = api.send(api.bare("GET", path).header("accept-encoding", "br")).await;
            assert_eq!((file.status, file.header("content-type")), (200, kind), "{path}");
            assert_eq!(file.header("content-encoding"), "br", "{path}");
        }
        api.call("GET", "/docs/nothing").await.assert_problem(404, "route_not_found");
        api.call("POST", "/docs").await.assert_problem(405, "method_not_allowed");
    });
}
