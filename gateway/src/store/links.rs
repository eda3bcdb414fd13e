//! Links that are handed to people: each works once, for a time, and a newer one of its kind ends it.

use std::time::Duration;

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;

use crate::domain::ids::UserId;
use crate::domain::person::LinkKind;
use crate::store::change::Change;
use crate::store::tenants::Transaction;
use crate::store::users::{UserRecord, UserRef};
use crate::store::{Store, StoreError};

impl Store {
    /// The account that a link leads to, and until when; `None` where it is unknown, used or over, or the account is
    /// disabled.
    ///
    /// # Errors
    /// [`StoreError`] of a query.
    pub async fn user_by_link(
        &self,
        kind: LinkKind,
        token_hash: &[u8],
    ) -> Result<Option<(UserRecord, Timestamp)>, StoreError> {
        let row = sqlx::query!(
            r#"SELECT l.user_id, l.expires_at AS "expires_at: SqlTimestamp"
                 FROM gateway.user_link l JOIN gateway.user_account u ON u.id = l.user_id
                WHERE l.token_hash = $1 AND l.kind = $2 AND l.expires_at > now() AND u.disabled_at IS NULL"#,
            token_hash,
            kind.as_str()
        );
        let Some(row) = row.fetch_optional(&self.pool).await? else { return Ok(None) };
        let user = self.user(&UserRef::Id(UserId::from_uuid(row.user_id))).await?;
        Ok(user.map(|user| (user, row.expires_at.to_jiff())))
    }
}

impl Change {
    /// Makes a link to an account, in place of an earlier one of its kind. Gives until when it works.
    ///
    /// # Errors
    /// [`StoreError`] of a statement.
    pub async fn create_link(
        &mut self,
        user: UserId,
        kind: LinkKind,
        token_hash: &[u8],
        lifetime: Duration,
    ) -> Result<Timestamp, StoreError> {
        sqlx::query!("DELETE FROM gateway.user_link WHERE user_id = $1 AND kind = $2", user.as_uuid(), kind.as_str())
            .execute(&mut *self.tx)
            .await?;
        let until = sqlx::query_scalar!(
            r#"INSERT INTO gateway.user_link (token_hash, kind, user_id, expires_at)
               VALUES ($1, $2, $3, now() + make_interval(secs => $4)) RETURNING expires_at AS "expires_at: SqlTimestamp""#,
            token_hash,
            kind.as_str(),
            user.as_uuid(),
            lifetime.as_secs_f64()
        );
        Ok(until.fetch_one(&mut *self.tx).await?.to_jiff())
    }

    /// Uses a link up and sets the password of its account, whose sessions and other links are over then. Gives the account
    /// as it was and as it is; `None` where the link is unknown, used or over, or the account is disabled.
    ///
    /// # Errors
    /// [`StoreError`] of a statement.
    pub async fn follow_link(
        &mut self,
        kind: LinkKind,
        token_hash: &[u8],
        password_hash: &str,
        name: Option<&str>,
    ) -> Result<Option<(UserRecord, UserRecord)>, StoreError> {
        let found = sqlx::query_scalar!(
            "SELECT user_id FROM gateway.user_link WHERE token_hash = $1 AND kind = $2 AND expires_at > now()",
            token_hash,
            kind.as_str()
        );
        let Some(user) = found.fetch_optional(&mut *self.tx).await?.map(UserId::from_uuid) else { return Ok(None) };
        // The account before its links, as all who change accounts do.
        let Some(before) = self.lock_user(&UserRef::Id(user)).await? else { return Ok(None) };
        if before.disabled_at.is_some() {
            return Ok(None);
        }
        let used = sqlx::query!(
            "DELETE FROM gateway.user_link WHERE token_hash = $1 AND kind = $2 AND expires_at > now()",
            token_hash,
            kind.as_str()
        );
        if used.execute(&mut *self.tx).await?.rows_affected() == 0 {
            return Ok(None);
        }
        self.set_password(user, password_hash).await?;
        if let Some(name) = name {
            sqlx::query!("UPDATE gateway.user_account SET name = $2 WHERE id = $1", user.as_uuid(), name)
                .execute(&mut *self.tx)
                .await?;
        }
        self.end_sessions(user, None).await?;
        Ok(Some((before, self.written_user(user).await?)))
    }

    /// Lets no link to an account work.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn end_links(&mut self, user: UserId) -> Result<(), StoreError> {
        end_links(&mut self.tx, user).await
    }
}

pub(super) async fn end_links(tx: &mut Transaction<'_>, user: UserId) -> Result<(), StoreError> {
    sqlx::query!("DELETE FROM gateway.user_link WHERE user_id = $1", user.as_uuid()).execute(&mut **tx).await?;
    Ok(())
}
