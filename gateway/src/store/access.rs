//! What people who log in are checked against, and what an app may learn about its tenant.

use uuid::Uuid;

use crate::domain::ids::{TenantId, UserId};
use crate::domain::person::Role;
use crate::domain::seal::Sealed;
use crate::store::change::Change;
use crate::store::links::end_links;
use crate::store::sessions::end_sessions;
use crate::store::tenants::TenantRef;
use crate::store::{Store, StoreError};

/// What a person's login is checked against.
#[derive(Clone)]
pub struct UserAccess {
    /// Identity.
    pub id: UserId,
    /// Lower-case address, used to log in.
    pub email: String,
    /// What they may do.
    pub role: Role,
    /// Argon2id PHC text; `None` before an invite is accepted.
    pub password_hash: Option<String>,
    /// The sealed secret of the authenticator app, where codes are asked for.
    pub totp: Option<Sealed>,
}

impl std::fmt::Debug for UserAccess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserAccess").field("email", &self.email).field("role", &self.role).finish_non_exhaustive()
    }
}

impl UserAccess {
    pub(super) fn read(
        id: Uuid,
        email: String,
        role: &str,
        password_hash: Option<String>,
        totp: Option<String>,
    ) -> Result<Self, StoreError> {
        let unknown = || StoreError::Inconsistent { table: "user_account", column: "role", row: id.to_string() };
        let role = Role::parse(role).ok_or_else(unknown)?;
        Ok(Self { id: UserId::from_uuid(id), email, role, password_hash, totp: totp.map(Sealed::from_stored) })
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

    /// Makes a user's password another one, ends all of their sessions, and lets no link to the account work. Says whether
    /// there is such a user.
    ///
    /// # Errors
    /// [`StoreError`] of a statement; nothing was changed then.
    pub async fn set_user_password(&self, email: &str, password_hash: &str) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let changed = sqlx::query_scalar!(
            "UPDATE gateway.user_account SET password_hash = $2 WHERE email = $1 RETURNING id",
            email,
            password_hash
        );
        let Some(user) = changed.fetch_optional(&mut *tx).await? else { return Ok(false) };
        let user = UserId::from_uuid(user);
        end_sessions(&mut tx, user, None).await?;
        end_links(&mut tx, user).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// A person who is not disabled.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn user_by_email(&self, email: &str) -> Result<Option<UserAccess>, StoreError> {
        let row = sqlx::query!(
            "SELECT id, email, role, password_hash, CASE WHEN totp_since IS NOT NULL THEN totp_sealed END AS totp
               FROM gateway.user_account WHERE email = $1 AND disabled_at IS NULL",
            email
        );
        let row = row.fetch_optional(&self.pool).await?;
        row.map(|row| UserAccess::read(row.id, row.email, &row.role, row.password_hash, row.totp)).transpose()
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
    /// Locks an account that still has this password, and a second factor or none as was found, and is not disabled. Says
    /// whether it is so: what was checked before the change began may have changed since.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn hold_password(
        &mut self,
        user: UserId,
        password_hash: &str,
        has_second: bool,
    ) -> Result<bool, StoreError> {
        let held = sqlx::query_scalar!(
            "SELECT id FROM gateway.user_account
              WHERE id = $1 AND password_hash = $2 AND (totp_since IS NOT NULL) = $3 AND disabled_at IS NULL FOR UPDATE",
            user.as_uuid(),
            password_hash,
            has_second
        );
        Ok(held.fetch_optional(&mut *self.tx).await?.is_some())
    }

    /// Makes a person's password another one; no link to the account works then.
    ///
    /// # Errors
    /// [`StoreError`] of a statement.
    pub async fn set_password(&mut self, user: UserId, password_hash: &str) -> Result<(), StoreError> {
        sqlx::query!("UPDATE gateway.user_account SET password_hash = $2 WHERE id = $1", user.as_uuid(), password_hash)
            .execute(&mut *self.tx)
            .await?;
        self.end_links(user).await
    }
}
