//! The only place where SQL text is composed: statements that name databases and roles, which cannot be parameters.

use sqlx::postgres::PgConnection;

use crate::domain::names::MAX_IDENTIFIER;

/// A quoted identifier of ours: lower-case letters, digits and underscores, whole in PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identifier(String);

/// A name that this program never makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not an identifier of ours")]
pub struct IdentifierError;

impl Identifier {
    /// Quotes a name; refuses everything that would need escaping.
    ///
    /// # Errors
    /// [`IdentifierError`] outside `[a-z0-9_]`, empty, or over 63 bytes.
    pub fn new(name: &str) -> Result<Self, IdentifierError> {
        let plain = name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
        if plain && !name.is_empty() && name.len() <= MAX_IDENTIFIER {
            Ok(Self(format!("\"{name}\"")))
        } else {
            Err(IdentifierError)
        }
    }
}

impl std::fmt::Display for Identifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A quoted text literal, right for both settings of `standard_conforming_strings`.
#[must_use]
pub fn literal(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\'', "''");
    format!("E'{}'", escaped.replace('\0', ""))
}

/// Runs one statement, or several separated by semicolons as one implicit transaction.
///
/// # Errors
/// As [`sqlx::Error`]; the caller classifies.
pub(super) async fn run(connection: &mut PgConnection, sql: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(connection).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_our_names_and_nothing_else() {
        assert_eq!(Identifier::new("t_0a_app").unwrap().to_string(), "\"t_0a_app\"");
        for bad in ["", "T", "a\"b", "a b", "a;b", "ä", &"a".repeat(64)] {
            assert_eq!(Identifier::new(bad), Err(IdentifierError), "{bad:?}");
        }
    }

    #[test]
    fn quotes_literals() {
        assert_eq!(literal(r"it's \x"), r"E'it''s \\x'");
    }
}
