//! The tenant key: what people call a tenant, and a part of host and router names.

use std::fmt;

/// Shortest key, in bytes.
pub const MIN_LEN: usize = 2;
/// Longest key, in bytes: leaves room in a 63-byte DNS label for prefixes an operator may want.
pub const MAX_LEN: usize = 40;

/// Keys nobody may take, because a host made from them would speak for the operator or confuse people.
/// The same list is a CHECK constraint of `gateway.tenant`.
pub const RESERVED: &[&str] = &[
    "account",
    "accounts",
    "admin",
    "administrator",
    "api",
    "app",
    "apps",
    "assets",
    "auth",
    "autoconfig",
    "autodiscover",
    "billing",
    "blog",
    "cdn",
    "console",
    "dashboard",
    "default",
    "dev",
    "dns",
    "docs",
    "email",
    "fallback",
    "ftp",
    "gateway",
    "help",
    "imap",
    "internal",
    "localhost",
    "login",
    "logout",
    "mail",
    "metrics",
    "mx",
    "ns",
    "ns1",
    "ns2",
    "oauth",
    "pool",
    "pop",
    "pop3",
    "postgres",
    "postmaster",
    "public",
    "redis",
    "root",
    "security",
    "signup",
    "smtp",
    "sso",
    "staging",
    "static",
    "status",
    "support",
    "system",
    "template0",
    "template1",
    "test",
    "traefik",
    "webmail",
    "wpad",
    "www",
];

/// 2 to 40 of `[a-z0-9-]`, no hyphen at either end nor two in a row, and not reserved.
///
/// Safe inside a DNS label, a Traefik router name and a Redis key: it cannot hold a dot, slash, back-tick or `@`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TenantKey(String);

/// Why a text is not a tenant key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Shorter than [`MIN_LEN`] or longer than [`MAX_LEN`].
    #[error("must have {MIN_LEN} to {MAX_LEN} characters")]
    Length,
    /// Something outside `[a-z0-9-]`.
    #[error("may hold only a-z, 0-9 and hyphen")]
    Character,
    /// A hyphen at an end, or two in a row.
    #[error("must not begin or end with a hyphen, nor hold two in a row")]
    Hyphen,
    /// Reads as a UUID, and would be taken for a tenant's id.
    #[error("must not read as a UUID")]
    Uuid,
    /// A word of [`RESERVED`].
    #[error("is reserved")]
    Reserved,
}

impl KeyError {
    /// Stable code for API answers.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Character => "character",
            Self::Hyphen => "hyphen",
            Self::Uuid => "uuid",
            Self::Reserved => "reserved",
        }
    }
}

impl TenantKey {
    /// Parses a key as it was typed; nothing is trimmed or folded.
    ///
    /// # Errors
    /// The first rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        if !text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-')) {
            return Err(KeyError::Character);
        }
        if !(MIN_LEN..=MAX_LEN).contains(&text.len()) {
            return Err(KeyError::Length);
        }
        if text.starts_with('-') || text.ends_with('-') || text.contains("--") {
            return Err(KeyError::Hyphen);
        }
        if uuid::Uuid::try_parse(text).is_ok() {
            return Err(KeyError::Uuid);
        }
        if RESERVED.contains(&text) {
            return Err(KeyError::Reserved);
        }
        Ok(Self(text.to_owned()))
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TenantKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_plain_keys() {
        for good in ["ab", "acme", "a-b-c", "42", "0x", &"a".repeat(40)] {
            assert_eq!(TenantKey::parse(good).unwrap().as_str(), good);
        }
    }

    #[test]
    fn refuses_with_the_rule_that_is_broken() {
        let too_long = "a".repeat(41);
        for (bad, why) in [
            ("", KeyError::Length),
            ("a", KeyError::Length),
            (&*too_long, KeyError::Length),
            ("Acme", KeyError::Character),
            ("a.b", KeyError::Character),
            ("a/b", KeyError::Character),
            ("a`b", KeyError::Character),
            ("a_b", KeyError::Character),
            ("a b", KeyError::Character),
            ("a@file", KeyError::Character),
            ("ä1", KeyError::Character),
            ("a\nb", KeyError::Character),
            ("-ab", KeyError::Hyphen),
            ("ab-", KeyError::Hyphen),
            ("a--b", KeyError::Hyphen),
            ("xn--p1ai", KeyError::Hyphen),
            ("0123456789abcdef0123456789abcdef", KeyError::Uuid),
            ("01234567-89ab-cdef-0123-456789abcdef", KeyError::Uuid),
            ("admin", KeyError::Reserved),
            ("postgres", KeyError::Reserved),
            ("www", KeyError::Reserved),
        ] {
            assert_eq!(TenantKey::parse(bad), Err(why), "{bad:?}");
        }
    }

    #[test]
    fn reserved_words_are_sorted_keys() {
        assert!(RESERVED.is_sorted());
        for word in RESERVED {
            assert_eq!(TenantKey::parse(word), Err(KeyError::Reserved), "{word}");
        }
    }
}
