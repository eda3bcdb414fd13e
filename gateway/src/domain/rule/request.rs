//! A request as Traefik's rules see it.

use std::net::IpAddr;

use url::Url;

/// Characters that Traefik leaves encoded in a path when it compares it, besides the percent sign itself.
const RESERVED: &[u8] = b":/?#[]@!$&'()*+,;=%";

/// What rules are asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Host in small letters, without port.
    pub host: String,
    /// Method, as sent.
    pub method: String,
    /// Path as Traefik compares it: without dots and doubled slashes, decoded but for reserved characters.
    pub path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    pub(super) client: Option<IpAddr>,
}

impl Request {
    /// The request that a client makes which is given this URL. Without `client` nothing is known of where it comes from.
    #[must_use]
    pub fn new(url: &Url, method: &str, headers: &[(String, String)], client: Option<IpAddr>) -> Self {
        let host = url.host_str().unwrap_or_default();
        let pairs = url.query().unwrap_or_default().split(['&', ';']).filter(|pair| is_encoded(pair));
        Self {
            host: host.trim_matches(['[', ']']).to_ascii_lowercase(),
            method: method.to_owned(),
            path: path(url.path()),
            query: pairs.flat_map(|pair| url::form_urlencoded::parse(pair.as_bytes()).into_owned()).collect(),
            headers: headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect(),
            client,
        }
    }

    pub(super) fn headers_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn parameters_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.query.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// Whether two hexadecimal digits follow every percent sign. A parameter of another form is not seen.
fn is_encoded(text: &str) -> bool {
    let digits = |part: &str| part.as_bytes().get(..2).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
    text.split('%').skip(1).all(digits)
}

/// The path as rules see it.
fn path(encoded: &str) -> String {
    let decoded = decode(encoded);
    let mut parts: Vec<&str> = Vec::new();
    for part in decoded.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let end = if !parts.is_empty() && decoded.ends_with('/') { "/" } else { "" };
    format!("/{}{end}", parts.join("/"))
}

/// Decodes all but reserved characters, whose codes are written in capitals.
fn decode(encoded: &str) -> String {
    let bytes = encoded.as_bytes();
    let mut found = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let code = (*byte == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        let code = code.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match code {
            Some(decoded) if RESERVED.contains(&decoded) => found.extend(format!("%{decoded:02X}").bytes()),
            Some(decoded) => found.push(decoded),
            None => found.push(*byte),
        }
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&found).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_cleaned_and_decoded_but_for_what_separates() {
        for (given, seen) in [
            ("/", "/"),
            ("/a/b", "/a/b"),
            ("/a/b/", "/a/b/"),
            ("//a///b", "/a/b"),
            ("/%61", "/a"),
            ("/a%2fb", "/a%2Fb"),
            ("/a%20b", "/a b"),
            ("/a%25b", "/a%25b"),
            ("/%C3%A9", "/é"),
        ] {
            assert_eq!(path(given), seen, "{given}");
        }
    }

    #[test]
    fn names_of_headers_are_alike_and_hosts_have_no_port() {
        let headers = [("X-Plan".to_owned(), " gold ".to_owned())];
        let request = Request::new(&"http://A.Test:81/?a=1&b=x+y;a=2&c=%zz".parse().unwrap(), "GET", &headers, None);
        assert_eq!((&*request.host, &*request.path), ("a.test", "/"));
        assert_eq!(request.headers_named("x-plan").collect::<Vec<_>>(), ["gold"]);
        assert_eq!(request.parameters_named("a").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(request.parameters_named("b").collect::<Vec<_>>(), ["x y"]);
        assert_eq!(request.parameters_named("c").count(), 0);
    }
}
