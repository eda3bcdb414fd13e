//! The notes of one tenant, as its database holds them.

use serde::Serialize;
use sqlx::PgPool;

/// The longest note, in characters; the table holds the same limit.
pub(crate) const LONGEST: usize = 2000;
/// Notes shown at once.
const SHOWN: i64 = 200;

#[derive(Serialize, sqlx::FromRow)]
pub(crate) struct Note {
    pub(crate) id: i64,
    pub(crate) body: String,
    /// RFC 3339, UTC.
    pub(crate) created_at: String,
}

/// The newest notes, newest first.
pub(crate) async fn list(pool: &PgPool) -> Result<Vec<Note>, sqlx::Error> {
    sqlx::query_as(
        r#"select id, body, to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as created_at
           from note order by id desc limit $1"#,
    )
    .bind(SHOWN)
    .fetch_all(pool)
    .await
}

/// Keeps a note that [`cleaned`] has accepted.
pub(crate) async fn add(pool: &PgPool, body: &str) -> Result<Note, sqlx::Error> {
    sqlx::query_as(
        r#"insert into note (body) values ($1)
           returning id, body, to_char(created_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as created_at"#,
    )
    .bind(body)
    .fetch_one(pool)
    .await
}

/// Whether there was such a note.
pub(crate) async fn delete(pool: &PgPool, id: i64) -> Result<bool, sqlx::Error> {
    Ok(sqlx::query("delete from note where id = $1").bind(id).execute(pool).await?.rows_affected() == 1)
}

/// The names of the database and of the role that is logged in to it.
pub(crate) async fn whoami(pool: &PgPool) -> Result<(String, String), sqlx::Error> {
    sqlx::query_as("select current_database()::text, current_user::text").fetch_one(pool).await
}

/// The text as it is stored; `None` when it is empty, too long, or holds the one character PostgreSQL cannot store.
pub(crate) fn cleaned(body: &str) -> Option<String> {
    // Browsers send line ends as CRLF.
    let body = body.trim().replace("\r\n", "\n");
    let fits = (1..=LONGEST).contains(&body.chars().count()) && !body.contains('\0');
    fits.then_some(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_table_takes_is_accepted() {
        assert_eq!(cleaned(" a\r\nb ").as_deref(), Some("a\nb"));
        assert!(cleaned(&"é".repeat(LONGEST)).is_some());
        for refused in ["", "  \r\n ", "a\0b", &"a".repeat(LONGEST + 1)] {
            assert!(cleaned(refused).is_none(), "{refused:?}");
        }
    }
}
