//! Addresses of mail.

use std::fmt;
use std::str::FromStr;

use email_address::{EmailAddress, Options};

/// Longest address in bytes; RFC 5321 allows a path of 256 with its two brackets.
const MAX_LENGTH: usize = 254;

/// An address of mail in lower case: a plain name, an at sign and a domain.
///
/// Two texts that differ in case only are one address. Quoted names, comments and addresses of machines (`[192.0.2.1]`) are
/// refused: no sign-up form needs them, and each is a way to write one mailbox twice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

/// Why a text is not an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Longer than mail can carry.
    #[error("may have {MAX_LENGTH} characters at most")]
    Length,
    /// Not name, at sign and domain.
    #[error("must be an address such as jane@example.com")]
    Form,
    /// Outside of ASCII: the mail servers of most domains do not take it.
    #[error("may hold only ASCII characters; write an international domain as xn--")]
    Character,
}

impl EmailError {
    /// Stable code for API answers.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Length => "length",
            Self::Form => "email",
            Self::Character => "character",
        }
    }
}

impl Email {
    /// Parses an address and folds its case.
    ///
    /// # Errors
    /// The first rule the text breaks.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        if !text.is_ascii() {
            return Err(EmailError::Character);
        }
        if text.len() > MAX_LENGTH {
            return Err(EmailError::Length);
        }
        let options = Options::default().without_display_text().without_domain_literal();
        let address = EmailAddress::parse_with_options(text, options).map_err(|_| EmailError::Form)?;
        if address.local_part().starts_with('"') {
            return Err(EmailError::Form);
        }
        Ok(Self(text.to_ascii_lowercase()))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands after the at sign.
    #[must_use]
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Email {
    type Err = EmailError;

    fn from_str(text: &str) -> Result<Self, EmailError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_folded() {
        let email = Email::parse("Jane.Doe+x@Example.COM").unwrap();
        assert_eq!((email.as_str(), email.domain()), ("jane.doe+x@example.com", "example.com"));
        assert!(Email::parse("owner@localhost").is_ok());
    }

    #[test]
    fn what_is_no_plain_address_is_refused() {
        for bad in [
            "",
            "a",
            "@b",
            "a@",
            "a@b@c",
            "a b@c",
            "a@b c",
            "a@b\n",
            "\"a b\"@c.de",
            "Jane <a@b.de>",
            "a@[192.0.2.1]",
            "a..b@c.de",
            ".a@b.de",
            "a@-b.de",
            "a@b..de",
            "a\0@b.de",
            "a@b.de,c@d.de",
            "a@b.de\r\nBcc: c@d.de",
        ] {
            assert_eq!(Email::parse(bad), Err(EmailError::Form), "{bad:?}");
        }
        assert_eq!(Email::parse("jäne@b.de"), Err(EmailError::Character));
        assert_eq!(Email::parse(&format!("{}@b.de", "a".repeat(250))), Err(EmailError::Length));
    }
}
