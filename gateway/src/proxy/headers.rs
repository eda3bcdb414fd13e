//! What may pass between the two sides: hop-by-hop fields end here, identity is ours to give.

use std::net::SocketAddr;

use http::header::{CONNECTION, EXPECT, HeaderName, HeaderValue, TE, TRANSFER_ENCODING, UPGRADE};
use http::{HeaderMap, Method, Request, Version};

use super::peers::plain_address;
use super::table::Route;
use crate::infra::render::REVISION_HEADER;

/// Names the tenant to the upstream. Set by this port, whatever the client sent.
pub const TENANT_ID: HeaderName = HeaderName::from_static("x-tenant-id");
/// Names the tenant's key to the upstream. Set by this port, whatever the client sent.
pub const TENANT_KEY: HeaderName = HeaderName::from_static("x-tenant-key");
/// Says which error page of this port a response is. Removed from what an upstream answers.
pub const GATEWAY_ERROR: HeaderName = HeaderName::from_static("x-gateway-error");
/// Says by which way a request was led here. Removed from what an upstream answers.
pub const ROUTE_REVISION: HeaderName = HeaderName::from_static(REVISION_HEADER);
/// Joins the log lines of one request across processes.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// Fields of one hop (RFC 9110 §7.6.1) beyond those `Connection` names.
const HOP_BY_HOP: [HeaderName; 8] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    HeaderName::from_static("proxy-authenticate"),
    HeaderName::from_static("proxy-authorization"),
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Where a request came from, as far as the headers toward the upstream tell it.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The other end of the connection.
    pub peer: SocketAddr,
    /// Whether that end may speak for somebody else.
    pub trusted: bool,
    /// The host as the client wrote it.
    pub host: &'a HeaderValue,
}

/// Removes the fields that belong to one connection only.
pub fn strip_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
}

/// Turns the client's headers into those the upstream gets. Hop-by-hop fields must be gone already, or `Connection`
/// could name one of the fields set here.
pub fn assert_identity(headers: &mut HeaderMap, origin: Origin<'_>, route: &Route) {
    let unwanted: Vec<HeaderName> = headers.keys().filter(|name| is_unwanted(name, origin.trusted)).cloned().collect();
    for name in &unwanted {
        headers.remove(name);
    }
    // The server has answered it already, by reading the body.
    headers.remove(EXPECT);
    headers.insert(TENANT_ID, route.id_header.clone());
    headers.insert(TENANT_KEY, route.key_header.clone());

    let address = plain_address(origin.peer).to_string();
    let mut chain: Vec<&str> = headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok()).collect();
    chain.push(&address);
    if let Ok(value) = HeaderValue::from_str(&chain.join(", ")) {
        headers.insert(FORWARDED_FOR, value);
    }
    headers.entry(FORWARDED_PROTO).or_insert(HeaderValue::from_static("http"));
    headers.entry(FORWARDED_HOST).or_insert_with(|| origin.host.clone());
    if let Ok(value) = HeaderValue::from_str(&address) {
        headers.entry(REAL_IP).or_insert(value);
    }
}

/// Frameworks read `X_Tenant_Id` and `x.tenant.id` as `X-Tenant-Id`, so every separator counts as a hyphen here, and a
/// protected field in another spelling than its own is never passed on.
fn is_unwanted(name: &HeaderName, trusted: bool) -> bool {
    let flat: String =
        name.as_str().chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '-' }).collect();
    match flat.as_str() {
        "x-tenant-id" | "x-tenant-key" | "forwarded" | "x-original-url" | "x-rewrite-url" => true,
        "x-real-ip" => !trusted || name.as_str() != flat,
        _ => flat.starts_with("x-forwarded-") && (!trusted || name.as_str() != flat),
    }
}

/// Whether the request asks to become a WebSocket. No other protocol is upgraded to: inside `h2c`, for one, requests
/// would reach the upstream without passing here.
pub fn wants_websocket<B>(request: &Request<B>) -> bool {
    request.method() == Method::GET && request.version() == Version::HTTP_11 && offers_websocket(request.headers())
}

/// Whether the message's `Connection` and `Upgrade` name the WebSocket protocol and nothing else.
pub fn offers_websocket(headers: &HeaderMap) -> bool {
    let connection = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|token| token.trim().eq_ignore_ascii_case("upgrade"));
    let mut protocols = headers.get_all(UPGRADE).iter();
    let first = protocols.next().is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"));
    connection && first && protocols.next().is_none()
}

/// Puts back what [`strip_hop_by_hop`] took from an upgrade this port takes part in.
pub fn ask_for_websocket(headers: &mut HeaderMap) {
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
}

/// The request's id: the client's when it is short and plain, a new one otherwise. The headers carry it afterwards.
pub fn settle_request_id(headers: &mut HeaderMap) -> String {
    const LONGEST: usize = 64;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let given = headers
        .get(REQUEST_ID)
        .and_then(|value| value.to_str().ok())
        .filter(|text| !text.is_empty() && text.len() <= LONGEST && text.bytes().all(is_plain))
        .map(ToOwned::to_owned);
    let id = given.unwrap_or_else(|| uuid::Uuid::new_v4().to_string());
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID, value);
    }
    id
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::super::table::{Entry, EntryState, RouteTable};
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn route() -> Arc<Route> {
        let entry = Entry {
            tenant_id: Uuid::from_u128(7),
            key: "acme".into(),
            company_name: "Acme".into(),
            host: "acme.localhost".into(),
            state: EntryState::Preparing,
            revision: None,
        };
        Arc::clone(RouteTable::new([entry]).by_host("acme.localhost").unwrap())
    }

    fn sent(trusted: bool, pairs: &[(&str, &str)]) -> HeaderMap {
        let mut headers = headers(pairs);
        let host = HeaderValue::from_static("acme.localhost");
        let origin = Origin { peer: "[::ffff:10.9.8.7]:5".parse().unwrap(), trusted, host: &host };
        strip_hop_by_hop(&mut headers);
        assert_identity(&mut headers, origin, &route());
        headers
    }

    fn all<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
        headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect()
    }

    #[test]
    fn connection_takes_away_what_it_names_but_not_identity() {
        let mut plain = headers(&[
            ("connection", "close, X-Custom"),
            ("connection", "Keep-Alive"),
            ("x-custom", "1"),
            ("keep-alive", "5"),
            ("te", "trailers"),
            ("x-kept", "1"),
        ]);
        strip_hop_by_hop(&mut plain);
        assert_eq!(plain.keys().map(HeaderName::as_str).collect::<Vec<_>>(), ["x-kept"]);
        let headers = sent(false, &[("connection", "X-Tenant-Id, x-forwarded-for"), ("x-tenant-id", "evil")]);
        assert_eq!(all(&headers, "x-tenant-id"), [Uuid::from_u128(7).to_string()]);
        assert_eq!(all(&headers, "x-forwarded-for"), ["10.9.8.7"]);
    }

    #[test]
    fn no_spelling_of_a_protected_field_survives() {
        for separators in ["--", "__", "..", "-_", ".-", "~~", "!|", "-."] {
            let (first, second) = separators.split_at(1);
            for parts in [
                ["x", "tenant", "id"],
                ["X", "Tenant", "Key"],
                ["x", "original", "url"],
                ["X", "REWRITE", "url"],
                ["x", "forwarded", "for"],
                ["x", "forwarded", "prefix"],
                ["x", "real", "ip"],
            ] {
                let name = format!("{}{first}{}{second}{}", parts[0], parts[1], parts[2]);
                let headers =
                    sent(false, &[(&name, "evil"), (&name, "evil2"), ("forwarded", "for=evil"), ("accept", "*/*")]);
                let leaked = headers.values().any(|value| value.to_str().unwrap().contains("evil"));
                assert!(!leaked, "{name}: {headers:?}");
                assert_eq!(headers.len(), 7, "{name}: {headers:?}");
            }
        }
    }

    #[test]
    fn a_trusted_peer_keeps_its_forwarded_fields_and_nothing_else() {
        let headers = sent(
            true,
            &[
                ("x-forwarded-for", "198.51.100.1"),
                ("x-forwarded-for", "203.0.113.9"),
                ("x-forwarded-proto", "https"),
                ("x-forwarded-host", "notes.acme.com"),
                ("x-forwarded-port", "443"),
                ("x_forwarded_for", "evil"),
                ("x.real.ip", "evil"),
                ("x-tenant-id", "evil"),
                ("forwarded", "for=evil"),
            ],
        );
        assert_eq!(all(&headers, "x-forwarded-for"), ["198.51.100.1, 203.0.113.9, 10.9.8.7"]);
        assert_eq!(all(&headers, "x-forwarded-proto"), ["https"]);
        assert_eq!(all(&headers, "x-forwarded-host"), ["notes.acme.com"]);
        assert_eq!(all(&headers, "x-forwarded-port"), ["443"]);
        assert_eq!(all(&headers, "x-real-ip"), ["10.9.8.7"]);
        assert!(!headers.values().any(|value| value.to_str().unwrap().contains("evil")), "{headers:?}");
    }

    #[test]
    fn only_a_plain_websocket_is_an_upgrade() {
        for (pairs, expected) in [
            (vec![("connection", "keep-alive, Upgrade"), ("upgrade", "WebSocket")], true),
            (vec![("connection", "upgrade"), ("upgrade", "h2c")], false),
            (vec![("connection", "upgrade"), ("upgrade", "websocket, h2c")], false),
            (vec![("connection", "upgrade"), ("upgrade", "websocket"), ("upgrade", "h2c")], false),
            (vec![("upgrade", "websocket")], false),
            (vec![("connection", "upgrade")], false),
        ] {
            assert_eq!(offers_websocket(&headers(&pairs)), expected, "{pairs:?}");
        }
        let mut post = Request::new(());
        *post.headers_mut() = headers(&[("connection", "upgrade"), ("upgrade", "websocket")]);
        assert!(wants_websocket(&post));
        *post.method_mut() = Method::POST;
        assert!(!wants_websocket(&post));
    }

    #[test]
    fn a_strange_request_id_is_replaced() {
        let mut plain = headers(&[("x-request-id", "abc-1_2.3")]);
        assert_eq!(settle_request_id(&mut plain), "abc-1_2.3");
        for strange in ["", "a b", "<b>", &"a".repeat(65)] {
            let mut headers = headers(&[("x-request-id", strange)]);
            let id = settle_request_id(&mut headers);
            assert_ne!(id, strange);
            assert_eq!(all(&headers, "x-request-id"), [id]);
        }
    }
}
