//! People and their sessions, and what an app may learn about its tenant.

use std::time::Duration;

use uuid::Uuid;

use crate::domain::ids::TenantId;
use crate::domain::seal::Sealed;
use crate::store::change::Change;
use crate::store::tenants::TenantRef;
use crate::store::{Store, StoreError};

/// A person.
#[derive(Clone)]
pub struct UserRecord {
    /// Identity.
    pub id: Uuid,
    /// Lower-case address, used to log in.
    pub email: String,
    /// owner, operator, viewer or support.
    pub role: String,
    /// Argon2id PHC text.
    pub password_hash: String,
}

impl std::fmt::Debug for UserRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserRecord").field("email", &self.email).field("role", &self.role).finish_non_exhaustive()
    }
}

/// What a tenant's app needs to reach its database.
#[derive(Clone, Debug)]
pub struct TenantLogin {
    /// The tenant.
    pub tenant_id: TenantId,
    /// The customer's name.
    pub company_name: String,
    /// `host:port` of its server.
    pub address: String,
    /// Sealed password of the login role.
    pub password: Sealed,
}

impl Store {
    /// Makes the first owner; changes nothing when any user exists. Says whether it did.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn create_first_owner(&self, email: &str, password_hash: &str) -> Result<bool, StoreError> {
        let done = sqlx::query!(
            "INSERT INTO gateway.user_account (email, role, password_hash)
             SELECT $1, 'owner', $2 WHERE NOT EXISTS (SELECT FROM gateway.user_account) ON CONFLICT DO NOTHING",
            email,
            password_hash
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Whether anybody can log in.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn has_users(&self) -> Result<bool, StoreError> {
        let any = sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM gateway.user_account) AS "any!""#);
        Ok(any.fetch_one(&self.pool).await?)
    }

    /// Makes a user's password another one and ends all of their sessions. Says whether there is such a user.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn set_user_password(&self, email: &str, password_hash: &str) -> Result<bool, StoreError> {
        let changed = sqlx::query_scalar!(
            r#"WITH changed AS (UPDATE gateway.user_account SET password_hash = $2 WHERE email = $1 RETURNING id),
                    ended AS (DELETE FROM gateway.session WHERE user_id IN (SELECT id FROM changed))
               SELECT count(*) AS "count!" FROM changed"#,
            email,
            password_hash
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(changed == 1)
    }

    /// A user who may log in.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<UserRecord>, StoreError> {
        let user = sqlx::query_as!(
            UserRecord,
            "SELECT id, email, role, password_hash FROM gateway.user_account WHERE email = $1 AND disabled_at IS NULL",
            email
        );
        Ok(user.fetch_optional(&self.pool).await?)
    }

    /// The user of a session that is neither over nor idle for longer than `idle`. Where it `is_used` by this look, marks it
    /// as seen, at most once a minute.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn user_by_session(
        &self,
        token_hash: &[u8],
        idle: Duration,
        is_used: bool,
    ) -> Result<Option<UserRecord>, StoreError> {
        let user = sqlx::query_as!(
            UserRecord,
            r#"WITH seen AS (UPDATE gateway.session SET last_seen_at = now()
                            WHERE $3 AND token_hash = $1 AND expires_at > now() AND last_seen_at < now() - interval '1 minute'
                              AND last_seen_at > now() - make_interval(secs => $2))
             SELECT u.id AS "id!", u.email AS "email!", u.role AS "role!", u.password_hash AS "password_hash!" FROM gateway.session s JOIN gateway.user_account u ON u.id = s.user_id
              WHERE s.token_hash = $1 AND s.expires_at > now() AND s.last_seen_at > now() - make_interval(secs => $2)
                AND u.disabled_at IS NULL"#,
            token_hash,
            idle.as_secs_f64(),
            is_used
        );
        Ok(user.fetch_optional(&self.pool).await?)
    }

    /// How a tenant's app reaches its database; `None` when there is no such tenant or it has none yet.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn tenant_login(&self, which: &TenantRef) -> Result<Option<TenantLogin>, StoreError> {
        let (id, key) = match which {
            TenantRef::Id(id) => (Some(id.as_uuid()), None),
            TenantRef::Key(key) => (None, Some(key.as_str())),
        };
        let row = sqlx::query!(
            r#"SELECT t.id AS "id!", t.company_name AS "company_name!", d.address AS "address!", t.password_sealed AS "password_sealed!"
                 FROM gateway.tenant t JOIN gateway.database_server d ON d.id = t.server_id
                WHERE t.status <> 'deleted' AND t.password_sealed IS NOT NULL
                  AND ($1::uuid IS NULL OR t.id = $1) AND ($2::text IS NULL OR t.key = $2)"#,
            id,
            key
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| TenantLogin {
            tenant_id: TenantId::from_uuid(row.id),
            company_name: row.company_name,
            address: row.address,
            password: Sealed::from_stored(row.password_sealed),
        }))
    }
}

impl Change {
    /// Starts a session that ends after `lifetime` at the latest.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn create_session(
        &mut self,
        token_hash: &[u8],
        user: Uuid,
        lifetime: Duration,
    ) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO gateway.session (token_hash, user_id, expires_at) VALUES ($1, $2, now() + make_interval(secs => $3))",
            token_hash,
            user,
            lifetime.as_secs_f64()
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn delete_session(&mut self, token_hash: &[u8]) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM gateway.session WHERE token_hash = $1 OR expires_at < now()", token_hash)
            .execute(&mut *self.tx)
            .await?;
        Ok(())
    }
}
