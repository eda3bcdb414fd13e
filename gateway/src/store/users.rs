//! People's accounts as people see them: list, invite, edit and remove them.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::domain::ids::UserId;
use crate::domain::person::{Role, UserState};
use crate::domain::version::Version;
use crate::store::change::Change;
use crate::store::{Store, StoreError};

/// An account as it is shown; never with its password.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns' comments in the migrations say what they are")]
pub struct UserRecord {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub role: Role,
    pub state: UserState,
    pub totp_enabled: bool,
    /// Until when the invite can be accepted; `None` where there is none.
    pub invited_until: Option<Timestamp>,
    pub created_by: String,
    pub created_at: Timestamp,
    pub last_login_at: Option<Timestamp>,
    pub disabled_at: Option<Timestamp>,
    /// An account has no wishes, so the first part is 0.
    pub version: Version,
}

/// An account named by id or by address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserRef {
    /// By id.
    Id(UserId),
    /// By lower-case address.
    Email(String),
}

impl UserRef {
    /// Reads a path segment: a UUID is an id, anything else an address.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Uuid::try_parse(text).map_or_else(|_| Self::Email(text.to_lowercase()), |id| Self::Id(UserId::from_uuid(id)))
    }
}

/// Which accounts to list.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// Only this one.
    pub which: Option<UserRef>,
    /// Only those with this role.
    pub role: Option<Role>,
    /// Only those that are so far.
    pub state: Option<UserState>,
    /// Only those after this address.
    pub after: Option<String>,
    /// At most so many.
    pub limit: u32,
}

impl UserFilter {
    fn one(which: &UserRef) -> Self {
        Self { which: Some(which.clone()), limit: 1, ..Self::default() }
    }
}

/// What to change of an account; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct UserEdit {
    /// What people call them.
    pub name: Option<String>,
    /// What they may do.
    pub role: Option<Role>,
    /// Whether they are shut out.
    pub disabled: Option<bool>,
}

async fn find(executor: impl PgExecutor<'_>, filter: &UserFilter) -> Result<Vec<UserRecord>, StoreError> {
    let (id, email) = match &filter.which {
        Some(UserRef::Id(id)) => (Some(id.as_uuid()), None),
        Some(UserRef::Email(email)) => (None, Some(email.as_str())),
        None => (None, None),
    };
    let rows = sqlx::query!(
        r#"
        SELECT u.id AS "id!", u.email AS "email!", u.name AS "name!", u.role AS "role!", u.state AS "state!", u.totp_since IS NOT NULL AS "totp_enabled!",
               (SELECT l.expires_at FROM gateway.user_link l WHERE l.user_id = u.id AND l.kind = 'invite') AS "invited_until: SqlTimestamp",
               u.created_by AS "created_by!", u.created_at AS "created_at!: SqlTimestamp", u.last_login_at AS "last_login_at: SqlTimestamp",
               u.disabled_at AS "disabled_at: SqlTimestamp", u.revision AS "revision!"
          FROM (SELECT *, CASE WHEN disabled_at IS NOT NULL THEN 'disabled' WHEN password_hash IS NULL THEN 'invited' ELSE 'active' END AS state
                  FROM gateway.user_account) u
         WHERE ($1::uuid IS NULL OR u.id = $1) AND ($2::text IS NULL OR u.email = $2) AND ($3::text IS NULL OR u.role = $3)
           AND ($4::text IS NULL OR u.state = $4) AND ($5::text IS NULL OR u.email > $5)
         ORDER BY u.email LIMIT $6
        "#,
        id,
        email,
        filter.role.map(Role::as_str),
        filter.state.map(UserState::as_str),
        filter.after,
        i64::from(filter.limit)
    )
    .fetch_all(executor)
    .await?;
    let unknown = |column, id: Uuid| StoreError::Inconsistent { table: "user_account", column, row: id.to_string() };
    rows.into_iter()
        .map(|row| {
            Ok(UserRecord {
                id: UserId::from_uuid(row.id),
                email: row.email,
                name: row.name,
                role: Role::parse(&row.role).ok_or_else(|| unknown("role", row.id))?,
                state: UserState::parse(&row.state).ok_or_else(|| unknown("state", row.id))?,
                totp_enabled: row.totp_enabled,
                invited_until: row.invited_until.map(SqlTimestamp::to_jiff),
                created_by: row.created_by,
                created_at: row.created_at.to_jiff(),
                last_login_at: row.last_login_at.map(SqlTimestamp::to_jiff),
                disabled_at: row.disabled_at.map(SqlTimestamp::to_jiff),
                version: Version { generation: 0, revision: row.revision },
            })
        })
        .collect()
}

impl Store {
    /// A page of accounts, by address.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn list_users(&self, filter: &UserFilter) -> Result<Vec<UserRecord>, StoreError> {
        find(&self.pool, filter).await
    }

    /// One account; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn user(&self, which: &UserRef) -> Result<Option<UserRecord>, StoreError> {
        Ok(find(&self.pool, &UserFilter::one(which)).await?.into_iter().next())
    }
}

impl Change {
    /// Locks an account and gives it as it is. `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::Outdated`] when it has another version than the caller expects.
    pub async fn lock_user(&mut self, which: &UserRef) -> Result<Option<UserRecord>, StoreError> {
        let (id, email) = match which {
            UserRef::Id(id) => (Some(id.as_uuid()), None),
            UserRef::Email(email) => (None, Some(email.as_str())),
        };
        let locked = sqlx::query_scalar!(
            "SELECT id FROM gateway.user_account
              WHERE ($1::uuid IS NULL OR id = $1) AND ($2::text IS NULL OR email = $2) FOR UPDATE",
            id,
            email
        );
        let Some(id) = locked.fetch_optional(&mut *self.tx).await? else { return Ok(None) };
        let record = self.written_user(UserId::from_uuid(id)).await?;
        self.require_version(record.version)?;
        Ok(Some(record))
    }

    /// An account as this change leaves it.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] when there is none.
    pub async fn written_user(&mut self, id: UserId) -> Result<UserRecord, StoreError> {
        let found = find(&mut *self.tx, &UserFilter::one(&UserRef::Id(id))).await?.into_iter().next();
        found.ok_or_else(|| StoreError::Inconsistent { table: "user_account", column: "id", row: id.to_string() })
    }

    /// Makes an account that nobody can log in to before its invite is accepted.
    ///
    /// # Errors
    /// [`StoreError::EmailTaken`].
    pub async fn create_user(&mut self, email: &str, name: &str, role: Role) -> Result<UserRecord, StoreError> {
        let id = sqlx::query_scalar!(
            "INSERT INTO gateway.user_account (email, name, role) VALUES ($1, $2, $3) RETURNING id",
            email,
            name,
            role.as_str()
        )
        .fetch_one(&mut *self.tx)
        .await?;
        self.written_user(UserId::from_uuid(id)).await
    }

    /// Changes an account and gives it as it is then. With another role, or shut out, its sessions are over and no link to it
    /// works.
    ///
    /// # Errors
    /// [`StoreError::LastOwner`].
    pub async fn edit_user(&mut self, user: &UserRecord, edit: &UserEdit) -> Result<UserRecord, StoreError> {
        sqlx::query!(
            "UPDATE gateway.user_account
                SET name = coalesce($2, name), role = coalesce($3, role),
                    disabled_at = CASE $4::boolean WHEN true THEN coalesce(disabled_at, now()) WHEN false THEN NULL ELSE disabled_at END
              WHERE id = $1",
            user.id.as_uuid(),
            edit.name,
            edit.role.map(Role::as_str),
            edit.disabled
        )
        .execute(&mut *self.tx)
        .await?;
        let after = self.written_user(user.id).await?;
        if after.role != user.role || after.state == UserState::Disabled {
            self.end_sessions(user.id, None).await?;
        }
        if after.state == UserState::Disabled {
            self.end_links(user.id).await?;
        }
        Ok(after)
    }

    /// Removes an account with all that hangs on it.
    ///
    /// # Errors
    /// [`StoreError::LastOwner`].
    pub async fn delete_user(&mut self, id: UserId) -> Result<(), StoreError> {
        sqlx::query!("DELETE FROM gateway.user_account WHERE id = $1", id.as_uuid()).execute(&mut *self.tx).await?;
        Ok(())
    }
}
