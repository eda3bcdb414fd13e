//! API keys: who may call as a program, and for how long.

use std::time::Duration;

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::domain::reach::Reach;
use crate::store::change::Change;
use crate::store::{Store, StoreError};

/// A key as it is shown; never with its secret.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns' comments in the migrations say what they are")]
pub struct ApiKeyRecord {
    pub id: String,
    pub name: String,
    pub scopes: Vec<String>,
    pub reach: Reach,
    pub created_by: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    pub rotated_at: Option<Timestamp>,
    /// Until when the secret before the last rotation works.
    pub former_until: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

/// What a call with a key is checked against.
#[derive(Clone, Debug)]
pub struct ApiKeyAccess {
    /// Shown in records.
    pub name: String,
    /// SHA-256 of each whole key that works now: the present one, and the former one for a time after a rotation.
    pub hashes: Vec<Vec<u8>>,
    /// What it may do.
    pub scopes: Vec<String>,
    /// The tenants it sees.
    pub reach: Reach,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
    /// Whether its last use was noted more than a minute ago, or never.
    pub is_mark_old: bool,
}

/// A key to make.
#[derive(Clone, Debug)]
pub struct NewApiKey<'a> {
    /// 12 letters and digits.
    pub id: &'a str,
    /// Shown in records.
    pub name: &'a str,
    /// SHA-256 of the whole key.
    pub hash: &'a [u8; 32],
    /// What it may do.
    pub scopes: &'a [String],
    /// The tenants it sees.
    pub reach: &'a Reach,
    /// When it ends.
    pub expires_at: Option<Timestamp>,
}

/// Which keys to list.
#[derive(Clone, Debug, Default)]
pub struct ApiKeyFilter {
    /// Only this one.
    pub id: Option<String>,
    /// Those that no longer work too.
    pub with_ended: bool,
    /// Only those after this place in the order newest first.
    pub after: Option<(Timestamp, String)>,
    /// At most so many.
    pub limit: u32,
}

async fn find(executor: impl PgExecutor<'_>, filter: &ApiKeyFilter) -> Result<Vec<ApiKeyRecord>, StoreError> {
    let (after_at, after_id) = match &filter.after {
        Some((at, id)) => (Some(SqlTimestamp::from(*at)), Some(id.as_str())),
        None => (None, None),
    };
    let rows = sqlx::query!(
        r#"
        SELECT id, name, scopes, tenants, pools, created_by, created_at AS "created_at!: SqlTimestamp",
               expires_at AS "expires_at: SqlTimestamp", last_used_at AS "last_used_at: SqlTimestamp",
               rotated_at AS "rotated_at: SqlTimestamp", former_until AS "former_until: SqlTimestamp",
               revoked_at AS "revoked_at: SqlTimestamp"
          FROM gateway.api_key
         WHERE ($1::text IS NULL OR id = $1) AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::text))
           AND ($4 OR revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()))
         ORDER BY created_at DESC, id DESC LIMIT $5
        "#,
        filter.id,
        after_at as Option<SqlTimestamp>,
        after_id,
        filter.with_ended,
        i64::from(filter.limit)
    )
    .fetch_all(executor)
    .await?;
    let records = rows.into_iter().map(|row| ApiKeyRecord {
        id: row.id,
        name: row.name,
        scopes: row.scopes,
        reach: Reach::new(row.tenants, row.pools),
        created_by: row.created_by,
        created_at: row.created_at.to_jiff(),
        expires_at: row.expires_at.map(SqlTimestamp::to_jiff),
        last_used_at: row.last_used_at.map(SqlTimestamp::to_jiff),
        rotated_at: row.rotated_at.map(SqlTimestamp::to_jiff),
        former_until: row.former_until.map(SqlTimestamp::to_jiff),
        revoked_at: row.revoked_at.map(SqlTimestamp::to_jiff),
    });
    Ok(records.collect())
}

impl Store {
    /// A page of keys, newest first.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn list_api_keys(&self, filter: &ApiKeyFilter) -> Result<Vec<ApiKeyRecord>, StoreError> {
        find(&self.pool, filter).await
    }

    /// One key, also one that no longer works; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn api_key(&self, id: &str) -> Result<Option<ApiKeyRecord>, StoreError> {
        let filter = ApiKeyFilter { id: Some(id.to_owned()), with_ended: true, limit: 1, ..ApiKeyFilter::default() };
        Ok(find(&self.pool, &filter).await?.into_iter().next())
    }

    /// What a call with this key is checked against; `None` where it is unknown, revoked or over. Read anew for each call,
    /// so a revocation counts everywhere at once.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn api_key_access(&self, id: &str) -> Result<Option<ApiKeyAccess>, StoreError> {
        let row = sqlx::query!(
            r#"
            SELECT name, scopes, tenants, pools, secret_hash, expires_at AS "expires_at: SqlTimestamp",
                   CASE WHEN former_until > now() THEN former_hash END AS former_hash,
                   last_used_at IS NULL OR last_used_at < now() - interval '1 minute' AS "is_mark_old!"
              FROM gateway.api_key
             WHERE id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
            "#,
            id
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| ApiKeyAccess {
            name: row.name,
            hashes: [Some(row.secret_hash), row.former_hash].into_iter().flatten().collect(),
            scopes: row.scopes,
            reach: Reach::new(row.tenants, row.pools),
            expires_at: row.expires_at.map(SqlTimestamp::to_jiff),
            is_mark_old: row.is_mark_old,
        }))
    }

    /// Marks a key as used now, where it was not within the last minute. Of several at once one does; none waits.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn mark_api_key(&self, id: &str) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE gateway.api_key SET last_used_at = now() WHERE id = (
                 SELECT id FROM gateway.api_key
                  WHERE id = $1 AND revoked_at IS NULL AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
                    FOR NO KEY UPDATE SKIP LOCKED)",
            id
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Stores the first API key; changes nothing when any key exists, revoked ones too. Says whether it did.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn create_first_api_key(
        &self,
        id: &str,
        name: &str,
        hash: &[u8],
        scopes: &[String],
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        // Two first runs at once: the second waits here and then finds the first one's key.
        sqlx::query!("LOCK TABLE gateway.api_key IN SHARE ROW EXCLUSIVE MODE").execute(&mut *tx).await?;
        let done = sqlx::query!(
            "INSERT INTO gateway.api_key (id, name, secret_hash, scopes)
             SELECT $1, $2, $3, $4 WHERE NOT EXISTS (SELECT FROM gateway.api_key)",
            id,
            name,
            hash,
            scopes
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }
}

impl Change {
    async fn as_left_key(&mut self, id: &str) -> Result<Option<ApiKeyRecord>, StoreError> {
        let filter = ApiKeyFilter { id: Some(id.to_owned()), with_ended: true, limit: 1, ..ApiKeyFilter::default() };
        Ok(find(&mut *self.tx, &filter).await?.into_iter().next())
    }

    async fn written_key(&mut self, id: &str) -> Result<ApiKeyRecord, StoreError> {
        self.as_left_key(id).await?.ok_or_else(|| StoreError::Inconsistent {
            table: "api_key",
            column: "id",
            row: id.to_owned(),
        })
    }

    /// Makes a key.
    ///
    /// # Errors
    /// [`StoreError::NoSuchTenant`] and [`StoreError::NoSuchPool`] when it is to see what is not there.
    pub async fn create_api_key(&mut self, new: &NewApiKey<'_>) -> Result<ApiKeyRecord, StoreError> {
        if let Some(tenants) = new.reach.tenants() {
            let found = sqlx::query_scalar!(
                r#"SELECT count(*) AS "count!" FROM gateway.tenant WHERE id = ANY ($1) AND status <> 'deleted'"#,
                tenants
            );
            if usize::try_from(found.fetch_one(&mut *self.tx).await?).unwrap_or_default() != tenants.len() {
                return Err(StoreError::NoSuchTenant);
            }
        }
        if let Some(pools) = new.reach.pools() {
            let found = sqlx::query_scalar!(
                r#"SELECT count(*) AS "count!" FROM gateway.shared_pool WHERE id = ANY ($1)"#,
                pools
            );
            if usize::try_from(found.fetch_one(&mut *self.tx).await?).unwrap_or_default() != pools.len() {
                return Err(StoreError::NoSuchPool);
            }
        }
        sqlx::query!(
            "INSERT INTO gateway.api_key (id, name, secret_hash, scopes, tenants, pools, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            new.id,
            new.name,
            new.hash.as_slice(),
            new.scopes,
            new.reach.tenants() as Option<&[Uuid]>,
            new.reach.pools() as Option<&[Uuid]>,
            new.expires_at.map(SqlTimestamp::from) as Option<SqlTimestamp>
        )
        .execute(&mut *self.tx)
        .await?;
        self.written_key(new.id).await
    }

    /// Gives a key another secret; the former one works for `overlap` more. Gives the key as it was and as it is; `None`
    /// where there is none that works.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn rotate_api_key(
        &mut self,
        id: &str,
        hash: &[u8; 32],
        overlap: Duration,
    ) -> Result<Option<(ApiKeyRecord, ApiKeyRecord)>, StoreError> {
        let Some(before) = self.as_left_key(id).await? else { return Ok(None) };
        let done = sqlx::query!(
            "UPDATE gateway.api_key
                SET former_hash = secret_hash, former_until = now() + make_interval(secs => $3), secret_hash = $2, rotated_at = now()
              WHERE id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())",
            id,
            hash.as_slice(),
            overlap.as_secs_f64()
        )
        .execute(&mut *self.tx)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(None);
        }
        Ok(Some((before, self.written_key(id).await?)))
    }

    /// Ends a key at once. Gives the key as it was and as it is, also where it was revoked before; `None` where there is
    /// none.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn revoke_api_key(&mut self, id: &str) -> Result<Option<(ApiKeyRecord, ApiKeyRecord)>, StoreError> {
        let Some(before) = self.as_left_key(id).await? else { return Ok(None) };
        sqlx::query!(
            "UPDATE gateway.api_key SET revoked_at = now(), former_hash = NULL, former_until = NULL WHERE id = $1 AND revoked_at IS NULL",
            id
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(Some((before, self.written_key(id).await?)))
    }
}
