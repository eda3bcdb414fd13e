//! What this port answers by itself: a small page for people, `problem+json` for programs.

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, RETRY_AFTER, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use serde_json::json;

use super::headers::{GATEWAY_ERROR, REQUEST_ID};

const PAGE: &str = include_str!("page.html");

/// Everything that keeps a request from being answered by an upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The request names no host, an impossible one, or two different ones.
    BadHost,
    /// `CONNECT` and `TRACE` have no meaning here.
    MethodRefused,
    /// The client stopped sending its body.
    RequestStalled,
    /// The client's body broke off or is not valid.
    RequestBroken,
    /// No tenant has this host.
    UnknownHost,
    /// No table has been loaded yet.
    Starting,
    /// The tenant is being made.
    Preparing,
    /// The tenant is suspended.
    Suspended,
    /// The tenant is deleted, or on the way there.
    Closed,
    /// The tenant has no upstream now.
    Unavailable,
    /// The upstream accepts no connections.
    Unreachable,
    /// The upstream's answer is not valid HTTP, or it hung up.
    BadAnswer,
    /// The upstream did not accept a connection in time.
    ConnectTimeout,
    /// The upstream did not begin its answer in time.
    AnswerTimeout,
}

struct Wording {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    detail: &'static str,
    retry_after: Option<&'static str>,
}

impl Trouble {
    /// The value of `x-gateway-error` and the `code` of the problem. Part of the interface: never reworded.
    pub fn code(self) -> &'static str {
        self.wording().code
    }

    /// The status of the response.
    pub fn status(self) -> StatusCode {
        self.wording().status
    }

    /// Whether something went wrong on this side. A tenant that is suspended or being made is answered as it should be.
    pub fn is_error(self) -> bool {
        self.status().is_server_error() && !matches!(self, Self::Preparing | Self::Suspended)
    }

    /// Whether the page may say whose tenant this is: only where the host is known to be that tenant's.
    fn names_company(self) -> bool {
        matches!(self, Self::Preparing | Self::Suspended | Self::Unavailable)
    }

    fn wording(self) -> Wording {
        let (status, code, title, detail, retry_after) = match self {
            Self::BadHost => {
                (StatusCode::BAD_REQUEST, "bad_host", "Bad request", "The request does not name one valid host.", None)
            }
            Self::MethodRefused => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "Method not allowed",
                "This method is not available here.",
                None,
            ),
            Self::RequestStalled => (
                StatusCode::REQUEST_TIMEOUT,
                "request_stalled",
                "Request timed out",
                "The request was not completed in time.",
                None,
            ),
            Self::RequestBroken => (
                StatusCode::BAD_REQUEST,
                "request_broken",
                "Bad request",
                "The request ended before it was complete.",
                None,
            ),
            Self::UnknownHost => (
                StatusCode::NOT_FOUND,
                "unknown_host",
                "Nothing here",
                "There is no site at this address. Check the spelling of the name.",
                None,
            ),
            Self::Starting => (
                StatusCode::SERVICE_UNAVAILABLE,
                "starting",
                "Just a moment",
                "The service is starting. This page tries again by itself.",
                Some("2"),
            ),
            Self::Preparing => (
                StatusCode::SERVICE_UNAVAILABLE,
                "preparing",
                "Getting things ready",
                "Your space is being set up. This page opens it as soon as it is ready.",
                Some("2"),
            ),
            Self::Suspended => (
                StatusCode::SERVICE_UNAVAILABLE,
                "suspended",
                "Paused for now",
                "This space is suspended. Its data is kept. Please contact your provider.",
                None,
            ),
            Self::Closed => {
                (StatusCode::GONE, "closed", "No longer here", "The space at this address was closed.", None)
            }
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "Not available right now",
                "This space cannot be reached at the moment. Please try again shortly.",
                Some("10"),
            ),
            Self::Unreachable => (
                StatusCode::BAD_GATEWAY,
                "upstream_unreachable",
                "The application is not answering",
                "It could not be reached. Please try again shortly.",
                None,
            ),
            Self::BadAnswer => (
                StatusCode::BAD_GATEWAY,
                "upstream_broken",
                "The application gave no valid answer",
                "Please try again shortly.",
                None,
            ),
            Self::ConnectTimeout => (
                StatusCode::GATEWAY_TIMEOUT,
                "upstream_connect_timeout",
                "The application is not answering",
                "It could not be reached in time. Please try again shortly.",
                None,
            ),
            Self::AnswerTimeout => (
                StatusCode::GATEWAY_TIMEOUT,
                "upstream_timeout",
                "The application took too long",
                "It did not answer in time. Please try again shortly.",
                None,
            ),
        };
        Wording { status, code, title, detail, retry_after }
    }
}

/// The response for `trouble`. `company` is shown only on pages of a known tenant, escaped.
pub fn answer(trouble: Trouble, company: Option<&str>, as_json: bool, request_id: &str) -> Response<Full<Bytes>> {
    let wording = trouble.wording();
    let (body, kind) = if as_json {
        (problem(&wording, request_id), "application/problem+json")
    } else {
        (page(trouble, &wording, company, request_id), "text/html; charset=utf-8")
    };
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = wording.status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(GATEWAY_ERROR, HeaderValue::from_static(wording.code));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(VARY, HeaderValue::from_static("accept"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    );
    if let Some(seconds) = wording.retry_after {
        headers.insert(RETRY_AFTER, HeaderValue::from_static(seconds));
    }
    if trouble == Trouble::MethodRefused {
        headers.insert(ALLOW, HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"));
    }
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, value);
    }
    response
}

fn problem(wording: &Wording, request_id: &str) -> String {
    json!({
        "type": format!("/problems/{}", wording.code),
        "title": wording.title,
        "status": wording.status.as_u16(),
        "detail": wording.detail,
        "code": wording.code,
        "instance": request_id,
        "errors": [],
    })
    .to_string()
}

fn page(trouble: Trouble, wording: &Wording, company: Option<&str>, request_id: &str) -> String {
    let company = company.filter(|name| trouble.names_company() && !name.is_empty());
    let company = company.map(|name| format!("<p class=\"company\">{}</p>\n", escape(name))).unwrap_or_default();
    let waiting = matches!(trouble, Trouble::Preparing | Trouble::Starting);
    let refresh = if waiting { "<meta http-equiv=\"refresh\" content=\"2\">\n" } else { "" };
    let busy = if waiting { " busy" } else { "" };
    let accent = match wording.status.as_u16() {
        _ if waiting => "#2f6fed",
        503 => "#d08a00",
        400..500 => "#6b7686",
        _ => "#d0453b",
    };
    let status = wording.status.as_u16().to_string();
    let request_id = escape(request_id);
    fill(PAGE, |hole| match hole {
        "refresh" => refresh,
        "title" => wording.title,
        "accent" => accent,
        "busy" => busy,
        "company" => &company,
        "detail" => wording.detail,
        "status" => &status,
        "code" => wording.code,
        "request_id" => &request_id,
        _ => "",
    })
}

/// Puts values into the `{{holes}}` in one pass, so that a value is never searched for holes.
fn fill<'a>(template: &'a str, value: impl Fn(&'a str) -> &'a str) -> String {
    let mut filled = String::with_capacity(template.len() + 256);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((hole, tail)) = after.split_once("}}") else { break };
        filled.push_str(value(hole));
        rest = tail;
    }
    filled.push_str(rest);
    filled
}

/// Text as HTML content or a quoted attribute.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    const ALL: [Trouble; 14] = [
        Trouble::BadHost,
        Trouble::MethodRefused,
        Trouble::RequestStalled,
        Trouble::RequestBroken,
        Trouble::UnknownHost,
        Trouble::Starting,
        Trouble::Preparing,
        Trouble::Suspended,
        Trouble::Closed,
        Trouble::Unavailable,
        Trouble::Unreachable,
        Trouble::BadAnswer,
        Trouble::ConnectTimeout,
        Trouble::AnswerTimeout,
    ];

    async fn text(response: Response<Full<Bytes>>) -> String {
        String::from_utf8(response.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap()
    }

    #[tokio::test]
    async fn every_page_is_whole_and_stands_alone() {
        for trouble in ALL {
            let response = answer(trouble, Some("Acme"), false, "id-1");
            assert_eq!(response.headers()["x-gateway-error"], trouble.code());
            assert_eq!(response.headers()["cache-control"], "no-store");
            let html = text(response).await;
            assert!(!html.contains("{{"), "{html}");
            assert!(html.ends_with("</html>\n") && html.contains(trouble.code()) && html.contains("id-1"));
            for outside in ["http://", "https://", "src=", "href=", "url(", "@import", "<script"] {
                assert!(!html.contains(outside), "{trouble:?}: {outside}");
            }
        }
    }

    #[tokio::test]
    async fn a_company_is_named_escaped_and_only_where_the_tenant_is_known() {
        let hostile = "<script>alert('1')</script>\"&{{title}}";
        for trouble in ALL {
            let html = text(answer(trouble, Some(hostile), false, "x")).await;
            assert!(!html.contains("<script"), "{html}");
            let named = html.contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;{{title}}");
            assert_eq!(
                named,
                matches!(trouble, Trouble::Preparing | Trouble::Suspended | Trouble::Unavailable),
                "{trouble:?}"
            );
            assert!(!text(answer(trouble, Some(hostile), true, "x")).await.contains("alert"));
        }
    }

    #[tokio::test]
    async fn a_problem_has_the_members_of_the_interface() {
        let response = answer(Trouble::Preparing, Some("Acme"), true, "id-2");
        assert_eq!(response.status(), 503);
        assert_eq!(response.headers()["retry-after"], "2");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
        let problem: serde_json::Value = serde_json::from_str(&text(response).await).unwrap();
        assert_eq!(problem["type"], "/problems/preparing");
        assert_eq!(problem["code"], "preparing");
        assert_eq!(problem["status"], 503);
        assert_eq!(problem["instance"], "id-2");
    }

    #[test]
    fn codes_are_unique() {
        let codes: std::collections::HashSet<_> = ALL.iter().map(|trouble| trouble.code()).collect();
        assert_eq!(codes.len(), ALL.len());
    }
}
