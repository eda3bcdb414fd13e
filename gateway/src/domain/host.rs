//! Host names: the only text that may enter a Traefik `Host(…)` rule.

use std::fmt;

use url::Url;

use crate::domain::key::TenantKey;

/// The host of a URL as one looks it up: an IPv6 address stands in brackets in a URL and nowhere else. Empty where there is none.
#[must_use]
pub fn of_url(url: &Url) -> &str {
    url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
}

/// A lower-case DNS name of at least two labels, without port and without a dot at the end.
///
/// It holds only `[a-z0-9.-]`, so it cannot leave the back-ticks of a rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host(String);

/// The domain under which tenants get their default host, such as `apps.example.com` or `localhost`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostSuffix(String);

/// Why a text is not a host name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// Over 253 bytes, or a label that is empty or over 63 bytes.
    #[error("must be a DNS name of at most 253 characters, each label 1 to 63")]
    Length,
    /// Something outside `[a-z0-9.-]`.
    #[error("may hold only a-z, 0-9, hyphen and dot")]
    Character,
    /// A label that begins or ends with a hyphen.
    #[error("must not have a label that begins or ends with a hyphen")]
    Hyphen,
    /// One label only.
    #[error("must have at least two labels")]
    SingleLabel,
    /// All digits and dots: an address, not a name.
    #[error("must be a name, not an address")]
    Address,
}

impl HostError {
    /// Stable code for API answers.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Character => "character",
            Self::Hyphen => "hyphen",
            Self::SingleLabel => "single_label",
            Self::Address => "address",
        }
    }
}

fn check_labels(text: &str) -> Result<(), HostError> {
    if !text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.')) {
        return Err(HostError::Character);
    }
    if text.len() > 253 || text.split('.').any(|label| label.is_empty() || label.len() > 63) {
        return Err(HostError::Length);
    }
    if text.split('.').any(|label| label.starts_with('-') || label.ends_with('-')) {
        return Err(HostError::Hyphen);
    }
    if text.rsplit('.').next().is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit())) {
        return Err(HostError::Address);
    }
    Ok(())
}

impl Host {
    /// Parses a host name; capital letters are refused, not folded.
    ///
    /// # Errors
    /// The first rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        check_labels(text)?;
        if text.contains('.') { Ok(Self(text.to_owned())) } else { Err(HostError::SingleLabel) }
    }

    /// The default host of a tenant: `<key>.<suffix>`.
    #[must_use]
    pub fn of_tenant(key: &TenantKey, suffix: &HostSuffix) -> Self {
        Self(format!("{key}.{suffix}"))
    }

    /// Whether the name lies below `suffix`.
    #[must_use]
    pub fn is_under(&self, suffix: &HostSuffix) -> bool {
        self.0.strip_suffix(&suffix.0).is_some_and(|rest| rest.ends_with('.'))
    }

    /// Whether the name is one label and `suffix`.
    #[must_use]
    pub fn is_right_under(&self, suffix: &HostSuffix) -> bool {
        self.0.split_once('.').is_some_and(|(_, rest)| rest == suffix.0)
    }

    /// Whether the tenant `key` may answer on this host: any name of the customer's own, but below `suffix` only its
    /// default host, and never the operator's console.
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn check_claim(
        &self,
        key: &TenantKey,
        suffix: &HostSuffix,
        console: Option<&Self>,
    ) -> Result<(), HostClaimError> {
        if console == Some(self) || self.0 == suffix.0 {
            return Err(HostClaimError::Operator);
        }
        if self.is_under(suffix) && *self != Self::of_tenant(key, suffix) {
            return Err(HostClaimError::Foreign);
        }
        Ok(())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a tenant may not have a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostClaimError {
    /// It would be another tenant's default host.
    #[error(
        "belongs to another tenant's key: below the suffix of all tenants, a tenant may have its own key and that suffix only"
    )]
    Foreign,
    /// The console answers there, or it is the suffix itself.
    #[error("belongs to the operator")]
    Operator,
}

impl HostClaimError {
    /// Stable code for API answers.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Foreign => "foreign",
            Self::Operator => "reserved",
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HostSuffix {
    /// Parses a suffix; one label such as `localhost` is enough.
    ///
    /// # Errors
    /// The first rule the text breaks; too long when a 40-character key would not fit before it.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        check_labels(text)?;
        if text.len() + 1 + crate::domain::key::MAX_LEN > 253 {
            return Err(HostError::Length);
        }
        Ok(Self(text.to_owned()))
    }

    /// The suffix as text, without a dot in front.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostSuffix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_names_and_refuses_the_rest() {
        for good in ["a.b", "shop.acme.example", "x1.localhost", "xn--bcher-kva.example"] {
            assert!(Host::parse(good).is_ok(), "{good}");
        }
        for (bad, why) in [
            ("", HostError::Length),
            ("a..b", HostError::Length),
            (".a.b", HostError::Length),
            ("a.b.", HostError::Length),
            ("A.b", HostError::Character),
            ("a.b:80", HostError::Character),
            ("a`.b", HostError::Character),
            ("*.b", HostError::Character),
            ("a_b.c", HostError::Character),
            ("-a.b", HostError::Hyphen),
            ("localhost", HostError::SingleLabel),
            ("127.0.0.1", HostError::Address),
            ("a.1", HostError::Address),
        ] {
            assert_eq!(Host::parse(bad), Err(why), "{bad:?}");
        }
    }

    #[test]
    fn a_tenant_claims_only_what_is_nobody_elses() {
        let suffix = HostSuffix::parse("example.com").unwrap();
        let key = TenantKey::parse("acme").unwrap();
        let console = Host::parse("console.operator.example").unwrap();
        for (host, verdict) in [
            ("acme.example.com", Ok(())),
            ("shop.acme.example", Ok(())),
            ("globex.example.com", Err(HostClaimError::Foreign)),
            ("a.acme.example.com", Err(HostClaimError::Foreign)),
            ("example.com", Err(HostClaimError::Operator)),
            ("console.operator.example", Err(HostClaimError::Operator)),
        ] {
            assert_eq!(Host::parse(host).unwrap().check_claim(&key, &suffix, Some(&console)), verdict, "{host}");
        }
    }

    #[test]
    fn under_means_a_whole_label_below() {
        let suffix = HostSuffix::parse("example.com").unwrap();
        assert!(Host::parse("a.example.com").unwrap().is_under(&suffix));
        assert!(!Host::parse("badexample.com").unwrap().is_under(&suffix));
        assert!(!Host::parse("example.com").unwrap().is_under(&suffix));
    }
}
