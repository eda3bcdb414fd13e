//! Second factors of people: the sealed secret of an authenticator app, and recovery codes.

use crate::domain::ids::UserId;
use crate::domain::seal::Sealed;
use crate::store::change::Change;
use crate::store::sessions::end_sessions;
use crate::store::{Store, StoreError};

impl Store {
    /// The secret of an enrolment that no code has confirmed; `None` where there is none.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn totp_enrolment(&self, user: UserId) -> Result<Option<Sealed>, StoreError> {
        let sealed = sqlx::query_scalar!(
            r#"SELECT totp_sealed AS "totp!" FROM gateway.user_account WHERE id = $1 AND totp_since IS NULL AND totp_sealed IS NOT NULL"#,
            user.as_uuid()
        );
        Ok(sealed.fetch_optional(&self.pool).await?.map(Sealed::from_stored))
    }

    /// Takes the second factor off an account and ends all of its sessions. Says whether there is such an account.
    ///
    /// # Errors
    /// [`StoreError`] of a statement; nothing was changed then.
    pub async fn remove_totp(&self, email: &str) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query_scalar!(
            "UPDATE gateway.user_account SET totp_sealed = NULL, totp_since = NULL, totp_step = NULL WHERE email = $1 RETURNING id",
            email
        );
        let Some(user) = changed.fetch_optional(&mut *tx).await? else { return Ok(false) };
        sqlx::query!("DELETE FROM gateway.recovery_code WHERE user_id = $1", user).execute(&mut *tx).await?;
        end_sessions(&mut tx, UserId::from_uuid(user), None).await?;
        tx.commit().await?;
        Ok(true)
    }
}

impl Change {
    /// Keeps the secret of an authenticator app that has still to show a code, in place of an earlier one. Says whether it
    /// did: not where the account has a second factor.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn enrol_totp(&mut self, user: UserId, secret: &Sealed) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "UPDATE gateway.user_account SET totp_sealed = $2, totp_step = NULL WHERE id = $1 AND totp_since IS NULL",
            user.as_uuid(),
            secret.as_str()
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Asks for codes from the next login on. Says whether it does: not where the secret is another one meanwhile.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn confirm_totp(&mut self, user: UserId, secret: &Sealed, step: i64) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "UPDATE gateway.user_account SET totp_since = now(), totp_step = $3
              WHERE id = $1 AND totp_sealed = $2 AND totp_since IS NULL",
            user.as_uuid(),
            secret.as_str(),
            step
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Uses the code of a step. Says whether it did: not where it or a newer one was used before.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn use_totp(&mut self, user: UserId, step: i64) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "UPDATE gateway.user_account SET totp_step = $2
              WHERE id = $1 AND totp_since IS NOT NULL AND (totp_step IS NULL OR totp_step < $2)",
            user.as_uuid(),
            step
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Uses a recovery code up. Says whether there was one.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn use_recovery_code(&mut self, user: UserId, hash: &[u8]) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "DELETE FROM gateway.recovery_code WHERE user_id = $1 AND code_hash = $2",
            user.as_uuid(),
            hash
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Makes these the only recovery codes of an account.
    ///
    /// # Errors
    /// [`StoreError`] of a statement.
    pub async fn set_recovery_codes(&mut self, user: UserId, hashes: &[Vec<u8>]) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM gateway.recovery_code WHERE user_id = $1", user.as_uuid())
            .execute(&mut *self.tx)
            .await?;
        sqlx::query!(
            "INSERT INTO gateway.recovery_code (user_id, code_hash) SELECT $1, unnest($2::bytea[])",
            user.as_uuid(),
            hashes
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Takes the second factor off an account. Says whether it had one, or an enrolment.
    ///
    /// # Errors
    /// [`StoreError`] of a statement.
    pub async fn disable_totp(&mut self, user: UserId) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "UPDATE gateway.user_account SET totp_sealed = NULL, totp_since = NULL, totp_step = NULL
              WHERE id = $1 AND totp_sealed IS NOT NULL",
            user.as_uuid()
        )
        .execute(&mut *self.tx)
        .await?;
        self.set_recovery_codes(user, &[]).await?;
        Ok(done.rows_affected() == 1)
    }
}
