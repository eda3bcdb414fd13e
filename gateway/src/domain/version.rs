//! Which state of a tenant's row somebody has seen.

use std::fmt;

/// Changes with every wish about a tenant and with every edit of its row. As text `<generation>.<revision>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// Counts wishes.
    pub generation: i64,
    /// Counts edits.
    pub revision: i64,
}

impl Version {
    /// Reads the text form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (generation, revision) = text.split_once('.')?;
        let number = |text: &str| text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        Some(Self { generation: number(generation)?, revision: number(revision)? })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.generation, self.revision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_text_form_is_read() {
        let version = Version { generation: 3, revision: 12 };
        assert_eq!(Version::parse(&version.to_string()), Some(version));
        for bad in ["", "3", "3.", ".3", "-1.0", "+1.0", "1.0.0", "1.x", "99999999999999999999.0"] {
            assert_eq!(Version::parse(bad), None, "{bad}");
        }
    }
}
