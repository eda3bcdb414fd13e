//! Mail that waits to be sent.

use uuid::Uuid;

use crate::domain::seal::Sealed;
use crate::store::change::Change;
use crate::store::{Store, StoreError};

/// Attempts before a mail is given up: with the waits between them about six hours.
pub const MAX_ATTEMPTS: i32 = 16;

/// A mail to try now.
#[derive(Clone, Debug)]
pub struct DueMail {
    /// Identity.
    pub id: Uuid,
    /// What to send, sealed for [`place_of`].
    pub content: Sealed,
    /// Number of this attempt, from 1.
    pub attempt: i32,
}

/// What the content of a mail is sealed for.
#[must_use]
pub fn place_of(id: Uuid) -> String {
    format!("mail/{id}")
}

impl Change {
    /// Puts a mail in line, to be sent once this change is for good.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn queue_mail(&mut self, id: Uuid, content: &Sealed) -> Result<(), StoreError> {
        sqlx::query!("INSERT INTO gateway.mail (id, content_sealed) VALUES ($1, $2)", id, content.as_str())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}

impl Store {
    /// Takes mails that are due, oldest first. They are due again after a wait that doubles from 20 seconds to an hour; no other
    /// process gets them before.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn take_due_mails(&self, limit: i64) -> Result<Vec<DueMail>, StoreError> {
        let rows = sqlx::query!(
            r#"UPDATE gateway.mail
                  SET attempt = attempt + 1,
                      due_at = now() + least(interval '1 hour', interval '20 seconds' * 2 ^ least(attempt, 10))
                WHERE id IN (SELECT id FROM gateway.mail WHERE due_at <= now() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
            RETURNING id AS "id!", content_sealed AS "content_sealed!", attempt AS "attempt!""#,
            limit
        )
        .fetch_all(&self.pool)
        .await?;
        let mails = rows.into_iter();
        Ok(mails
            .map(|row| DueMail { id: row.id, content: Sealed::from_stored(row.content_sealed), attempt: row.attempt })
            .collect())
    }

    /// Forgets a mail that was sent or is given up.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn delete_mail(&self, id: Uuid) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM gateway.mail WHERE id = $1", id).execute(&self.pool).await?;
        Ok(())
    }
}
