//! Logins of people, and what each call with one is checked against.

use std::net::IpAddr;
use std::time::Duration;

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use uuid::Uuid;

use crate::domain::ids::{SessionId, UserId};
use crate::store::access::UserAccess;
use crate::store::change::Change;
use crate::store::tenants::Transaction;
use crate::store::{Store, StoreError};

/// A session as it is shown; never with its token.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns' comments in the migrations say what they are")]
pub struct SessionRecord {
    pub id: SessionId,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub expires_at: Timestamp,
    pub address: String,
    pub user_agent: String,
}

/// Which sessions to list.
#[derive(Clone, Debug)]
pub struct SessionFilter {
    /// Whose.
    pub user: UserId,
    /// Only those that were used within this time.
    pub idle: Duration,
    /// Only those after this place in the order newest first.
    pub after: Option<(Timestamp, Uuid)>,
    /// At most so many.
    pub limit: u32,
}

/// What a call with a session is checked against.
#[derive(Clone, Debug)]
pub struct SessionAccess {
    /// The session.
    pub id: SessionId,
    /// Whose.
    pub user: UserAccess,
    /// Whether it was last noted as seen more than a minute ago.
    pub is_mark_old: bool,
}

/// A session to start.
#[derive(Clone, Debug)]
pub struct NewSession<'a> {
    /// SHA-256 of its token.
    pub token_hash: &'a [u8],
    /// Whose.
    pub user: UserId,
    /// When it ends at the latest.
    pub lifetime: Duration,
    /// Where from.
    pub address: IpAddr,
    /// What the browser calls itself, 100 characters at most.
    pub user_agent: &'a str,
    /// SHA-256 of the token that the browser had until then, whose session ends.
    pub former: Option<&'a [u8]>,
}

impl Store {
    /// A page of the sessions of a person that are not over, newest first.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn list_sessions(&self, filter: &SessionFilter) -> Result<Vec<SessionRecord>, StoreError> {
        let (after_at, after_id) =
            filter.after.map_or((None, None), |(at, id)| (Some(SqlTimestamp::from(at)), Some(id)));
        let rows = sqlx::query!(
            r#"
            SELECT id, created_at AS "created_at: SqlTimestamp", last_seen_at AS "last_seen_at: SqlTimestamp",
                   expires_at AS "expires_at: SqlTimestamp", address, user_agent
              FROM gateway.session
             WHERE user_id = $1 AND expires_at > now() AND last_seen_at > now() - make_interval(secs => $2)
               AND ($3::timestamptz IS NULL OR (created_at, id) < ($3, $4::uuid))
             ORDER BY created_at DESC, id DESC LIMIT $5
            "#,
            filter.user.as_uuid(),
            filter.idle.as_secs_f64(),
            after_at as Option<SqlTimestamp>,
            after_id,
            i64::from(filter.limit)
        )
        .fetch_all(&self.pool)
        .await?;
        let records = rows.into_iter().map(|row| SessionRecord {
            id: SessionId::from_uuid(row.id),
            created_at: row.created_at.to_jiff(),
            last_seen_at: row.last_seen_at.to_jiff(),
            expires_at: row.expires_at.to_jiff(),
            address: row.address,
            user_agent: row.user_agent,
        });
        Ok(records.collect())
    }

    /// A session that is neither over nor idle for longer than `idle`.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn session_access(&self, token_hash: &[u8], idle: Duration) -> Result<Option<SessionAccess>, StoreError> {
        let row = sqlx::query!(
            r#"SELECT s.id AS session, u.id, u.email, u.role, u.password_hash,
                      CASE WHEN u.totp_since IS NOT NULL THEN u.totp_sealed END AS totp,
                      s.last_seen_at < now() - interval '1 minute' AS "is_mark_old!"
                 FROM gateway.session s JOIN gateway.user_account u ON u.id = s.user_id
                WHERE s.token_hash = $1 AND s.expires_at > now() AND s.last_seen_at > now() - make_interval(secs => $2)
                  AND u.disabled_at IS NULL"#,
            token_hash,
            idle.as_secs_f64()
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let user = UserAccess::read(row.id, row.email, &row.role, row.password_hash, row.totp)?;
        Ok(Some(SessionAccess { id: SessionId::from_uuid(row.session), user, is_mark_old: row.is_mark_old }))
    }

    /// Marks a session as seen now from somewhere, where it was not within the last minute. Of several at once one does;
    /// none waits.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn mark_session(&self, id: SessionId, from: IpAddr) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE gateway.session SET last_seen_at = now(), address = $2 WHERE id = (
                 SELECT id FROM gateway.session WHERE id = $1 AND last_seen_at < now() - interval '1 minute'
                    FOR NO KEY UPDATE SKIP LOCKED)",
            id.as_uuid(),
            from.to_string()
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

impl Change {
    /// Starts a session and ends the one that the browser had.
    ///
    /// # Errors
    /// [`StoreError`] of a statement.
    pub async fn create_session(&mut self, new: &NewSession<'_>) -> Result<(), StoreError> {
        if let Some(former) = new.former {
            self.delete_session(former).await?;
        }
        sqlx::query!(
            "INSERT INTO gateway.session (token_hash, user_id, expires_at, address, user_agent)
             VALUES ($1, $2, now() + make_interval(secs => $3), $4, $5)",
            new.token_hash,
            new.user.as_uuid(),
            new.lifetime.as_secs_f64(),
            new.address.to_string(),
            new.user_agent
        )
        .execute(&mut *self.tx)
        .await?;
        sqlx::query!("UPDATE gateway.user_account SET last_login_at = now() WHERE id = $1", new.user.as_uuid())
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }

    /// Ends a session by its token.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn delete_session(&mut self, token_hash: &[u8]) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM gateway.session WHERE token_hash = $1", token_hash).execute(&mut *self.tx).await?;
        Ok(())
    }

    /// Ends one session of a person. Says whether there was one.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn end_session(&mut self, user: UserId, session: SessionId) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "DELETE FROM gateway.session WHERE user_id = $1 AND id = $2",
            user.as_uuid(),
            session.as_uuid()
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Ends all sessions of a person but one. Says how many they were.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn end_sessions(&mut self, user: UserId, but: Option<SessionId>) -> Result<u64, StoreError> {
        end_sessions(&mut self.tx, user, but).await
    }
}

/// Ends all sessions of a person but one, those that a login under way is about to begin included. Says how many they were.
///
/// A login holds its account until it is committed. So the account is locked first, and the sessions are looked for by a
/// statement after that, which sees what was committed until then.
pub(super) async fn end_sessions(
    tx: &mut Transaction<'_>,
    user: UserId,
    but: Option<SessionId>,
) -> Result<u64, StoreError> {
    sqlx::query!("SELECT id FROM gateway.user_account WHERE id = $1 FOR UPDATE", user.as_uuid())
        .fetch_optional(&mut **tx)
        .await?;
    let done = sqlx::query!(
        "DELETE FROM gateway.session WHERE user_id = $1 AND ($2::uuid IS NULL OR id <> $2)",
        user.as_uuid(),
        but.map(SessionId::as_uuid)
    )
    .execute(&mut **tx)
    .await?;
    Ok(done.rows_affected())
}
