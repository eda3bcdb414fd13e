//! One spelling for a host, however the client wrote it.

/// The longest name DNS can carry, in bytes without the trailing dot (RFC 1035 §2.3.4).
const LONGEST_NAME: usize = 253;
/// The longest label of a name, in bytes (RFC 1035 §2.3.4).
const LONGEST_LABEL: usize = 63;

/// The form under which a host is stored and looked up: lower case, without port and without one trailing dot.
///
/// `None` when the text is not a host at all (empty, a bad port, a doubled dot, user information, anything outside
/// letters, digits, `-`, `_` and `.`). An IPv6 literal keeps its brackets.
pub fn canonical_host(raw: &str) -> Option<String> {
    let (name, port) = split_port(raw)?;
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if name.starts_with('[') {
        let inner = name.strip_prefix('[')?.strip_suffix(']')?;
        let address: std::net::Ipv6Addr = inner.parse().ok()?;
        return Some(format!("[{address}]"));
    }
    let name = name.strip_suffix('.').unwrap_or(name);
    let fits = !name.is_empty() && name.len() <= LONGEST_NAME && name.split('.').all(is_label);
    fits.then(|| name.to_ascii_lowercase())
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= LONGEST_LABEL
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Splits `name[:port]`; the port is empty when there is none. `None` when a bracket is left open.
fn split_port(raw: &str) -> Option<(&str, &str)> {
    if raw.starts_with('[') {
        let (name, rest) = raw.split_at(raw.find(']')? + 1);
        return match rest {
            "" => Some((name, "")),
            _ => rest.strip_prefix(':').map(|port| (name, port)),
        };
    }
    Some(raw.split_once(':').unwrap_or((raw, "")))
}

#[cfg(test)]
mod tests {
    use super::canonical_host;

    #[test]
    fn spellings_of_one_host_meet() {
        for raw in [
            "acme.example.com",
            "ACME.Example.COM",
            "acme.example.com.",
            "acme.example.com:8000",
            "Acme.example.com.:80",
            "acme.example.com:",
        ] {
            assert_eq!(canonical_host(raw).as_deref(), Some("acme.example.com"), "{raw}");
        }
        assert_eq!(canonical_host("[::0:1]:80").as_deref(), Some("[::1]"));
        assert_eq!(canonical_host("127.0.0.1:80").as_deref(), Some("127.0.0.1"));
    }

    #[test]
    fn text_that_is_no_host_is_refused() {
        let long_label = "a".repeat(64);
        let long_name = ["a"; 130].join(".");
        for raw in [
            "",
            ".",
            "..",
            "acme..",
            "acme..com",
            ".acme",
            ":80",
            "acme:80:80",
            "acme:8x",
            "user@acme",
            "acme/x",
            "acme,evil",
            "acme evil",
            "acmé.com",
            "[::1",
            "::1",
            "[::1]x",
            "[nonsense]",
            "a\0b",
            long_label.as_str(),
            long_name.as_str(),
        ] {
            assert_eq!(canonical_host(raw), None, "{raw:?}");
        }
    }
}
