//! Signups as operators and those who signed up see them, and which keys they could have.

use std::time::Duration;

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::domain::ids::{SignupId, TenantId};
use crate::domain::key::TenantKey;
use crate::domain::signup::SignupState;
use crate::domain::status::Status;
use crate::store::{Store, StoreError};

/// Ended signups that are removed at once at most.
const REMOVED_AT_ONCE: i64 = 500;

/// How far the tenant of an accepted signup is.
#[derive(Clone, Debug)]
pub struct SignupTenant {
    /// The tenant.
    pub id: TenantId,
    /// Its state.
    pub status: Status,
    /// Whether it was ever made true.
    pub was_active: bool,
    /// Its host, once it is allocated.
    pub host: Option<String>,
    /// Steps of its making that are done.
    pub steps_done: i64,
    /// Whether it waits for room in a pool, on a server or among the subnets.
    pub waits_for_room: bool,
}

/// A signup; no secrets.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns' comments in the migration say what they are")]
pub struct SignupRecord {
    pub id: SignupId,
    /// As it counts: one that waited for too long is expired, whatever the row says yet.
    pub state: SignupState,
    pub key: String,
    pub company_name: String,
    pub email: Option<String>,
    pub contact_name: Option<String>,
    pub contact_phone: Option<String>,
    /// Whether it holds something for the tenant's app.
    pub has_first_user: bool,
    pub proved_at: Option<Timestamp>,
    pub tenant: Option<SignupTenant>,
    pub decided_by: Option<String>,
    pub reason: Option<String>,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

/// Which signups to look for.
#[derive(Clone, Debug, Default)]
pub struct SignupFilter {
    /// Only this one.
    pub id: Option<SignupId>,
    /// Only the one whose state this token is for, by its SHA-256.
    pub status_hash: Option<[u8; 32]>,
    /// Only the one that waits for this token, by its SHA-256.
    pub proof_hash: Option<[u8; 32]>,
    /// Only those in this state.
    pub state: Option<SignupState>,
    /// Only those after this place in the order newest first.
    pub after: Option<(Timestamp, Uuid)>,
    /// At most so many.
    pub limit: u32,
}

impl SignupFilter {
    /// The signup with this id.
    #[must_use]
    pub fn of_id(id: SignupId) -> Self {
        Self { id: Some(id), limit: 1, ..Self::default() }
    }

    /// The signup whose state may be asked for with a token of this SHA-256.
    #[must_use]
    pub fn of_status(hash: [u8; 32]) -> Self {
        Self { status_hash: Some(hash), limit: 1, ..Self::default() }
    }

    /// The signup that waits for a token of this SHA-256.
    #[must_use]
    pub fn of_proof(hash: [u8; 32]) -> Self {
        Self { proof_hash: Some(hash), limit: 1, ..Self::default() }
    }
}

struct Row {
    id: Uuid,
    state: String,
    key: String,
    company_name: String,
    email: Option<String>,
    contact_name: Option<String>,
    contact_phone: Option<String>,
    has_first_user: bool,
    proved_at: Option<SqlTimestamp>,
    tenant_id: Option<Uuid>,
    tenant_status: Option<String>,
    was_active: Option<bool>,
    host: Option<String>,
    steps_done: Option<i64>,
    waits_for_room: Option<bool>,
    decided_by: Option<String>,
    reason: Option<String>,
    created_at: SqlTimestamp,
    expires_at: Option<SqlTimestamp>,
    ended_at: Option<SqlTimestamp>,
}

impl TryFrom<Row> for SignupRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let unknown = |column| StoreError::Inconsistent { table: "signup", column, row: row.id.to_string() };
        let tenant = match (row.tenant_id, row.tenant_status) {
            (Some(id), Some(status)) => Some(SignupTenant {
                id: TenantId::from_uuid(id),
                status: Status::parse(&status).ok_or_else(|| unknown("tenant status"))?,
                was_active: row.was_active.unwrap_or_default(),
                host: row.host,
                steps_done: row.steps_done.unwrap_or_default(),
                waits_for_room: row.waits_for_room.unwrap_or_default(),
            }),
            _ => None,
        };
        Ok(Self {
            id: SignupId::from_uuid(row.id),
            state: SignupState::parse(&row.state).ok_or_else(|| unknown("state"))?,
            key: row.key,
            company_name: row.company_name,
            email: row.email,
            contact_name: row.contact_name,
            contact_phone: row.contact_phone,
            has_first_user: row.has_first_user,
            proved_at: row.proved_at.map(SqlTimestamp::to_jiff),
            tenant,
            decided_by: row.decided_by,
            reason: row.reason,
            created_at: row.created_at.to_jiff(),
            expires_at: row.expires_at.map(SqlTimestamp::to_jiff),
            ended_at: row.ended_at.map(SqlTimestamp::to_jiff),
        })
    }
}

pub(super) async fn find(
    executor: impl PgExecutor<'_>,
    filter: &SignupFilter,
) -> Result<Vec<SignupRecord>, StoreError> {
    let (after_at, after_id) = filter.after.map_or((None, None), |(at, id)| (Some(SqlTimestamp::from(at)), Some(id)));
    let rows = sqlx::query_as!(
        Row,
        r#"
        SELECT s.id AS "id!", s.state AS "state!", s.key AS "key!", s.company_name AS "company_name!", s.email AS "email?",
               s.contact_name AS "contact_name?", s.contact_phone AS "contact_phone?", s.has_first_user AS "has_first_user!",
               s.proved_at AS "proved_at?: SqlTimestamp", s.tenant_id AS "tenant_id?", t.status AS "tenant_status?",
               t.observed_generation > 0 AS was_active, t.host AS "host?",
               CASE WHEN t.observed_generation = 0 THEN
                   (SELECT count(DISTINCT a.step) FROM gateway.operation o JOIN gateway.step_attempt a ON a.operation_id = o.id
                     WHERE o.tenant_id = t.id AND o.kind = 'provision' AND a.state IN ('succeeded', 'skipped')) END AS steps_done,
               t.error_code IN ('no_pool_left', 'no_database_server', 'subnets_used_up') AS waits_for_room,
               s.decided_by AS "decided_by?", s.reason AS "reason?", s.created_at AS "created_at!: SqlTimestamp",
               s.expires_at AS "expires_at?: SqlTimestamp", s.ended_at AS "ended_at?: SqlTimestamp"
          FROM (SELECT id, CASE WHEN expires_at <= now() THEN 'expired' ELSE state END AS state, key, company_name, email,
                       contact_name, contact_phone, first_user_sealed IS NOT NULL AS has_first_user, proved_at, tenant_id,
                       decided_by, reason, created_at, expires_at, ended_at, status_hash, proof_hash
                  FROM gateway.signup) s
          LEFT JOIN gateway.tenant t ON t.id = s.tenant_id
         WHERE ($1::uuid IS NULL OR s.id = $1)
           AND ($2::bytea IS NULL OR s.status_hash = $2 OR (s.proof_hash = $2 AND s.proved_at IS NOT NULL))
           AND ($3::bytea IS NULL OR (s.proof_hash = $3 AND s.state = 'waiting_proof'))
           AND ($4::text IS NULL OR s.state = $4)
           AND ($5::timestamptz IS NULL OR (s.created_at, s.id) < ($5, $6::uuid))
         ORDER BY s.created_at DESC, s.id DESC LIMIT $7
        "#,
        filter.id.map(SignupId::as_uuid),
        filter.status_hash.as_ref().map(<[u8; 32]>::as_slice),
        filter.proof_hash.as_ref().map(<[u8; 32]>::as_slice),
        filter.state.map(SignupState::as_str),
        after_at as Option<SqlTimestamp>,
        after_id,
        i64::from(filter.limit)
    )
    .fetch_all(executor)
    .await?;
    rows.into_iter().map(SignupRecord::try_from).collect()
}

/// The first of some keys that no live tenant and no waiting signup has, nor one that looks like it.
pub(super) async fn first_free(
    executor: impl PgExecutor<'_>,
    keys: &[TenantKey],
) -> Result<Option<TenantKey>, StoreError> {
    let texts: Vec<String> = keys.iter().map(ToString::to_string).collect();
    let found = sqlx::query_scalar!(
        r#"
        SELECT c.place AS "place!" FROM unnest($1::text[]) WITH ORDINALITY AS c (key, place)
         WHERE NOT EXISTS (SELECT FROM gateway.tenant t
                            WHERE gateway.key_skeleton(t.key) = gateway.key_skeleton(c.key) AND t.status <> 'deleted')
           AND NOT EXISTS (SELECT FROM gateway.signup s
                            WHERE gateway.key_skeleton(s.key) = gateway.key_skeleton(c.key)
                              AND s.state IN ('waiting_proof', 'waiting_approval') AND s.expires_at > now())
         ORDER BY c.place LIMIT 1
        "#,
        &texts
    )
    .fetch_optional(executor)
    .await?;
    let place = found.and_then(|place| usize::try_from(place - 1).ok());
    Ok(place.and_then(|place| keys.get(place).cloned()))
}

/// Ends what waited for too long, and erases what it left for an app.
pub(super) async fn expire(executor: impl PgExecutor<'_>) -> Result<u64, StoreError> {
    let done =
        sqlx::query!("UPDATE gateway.signup SET state = 'expired', first_user_sealed = NULL WHERE expires_at <= now()");
    Ok(done.execute(executor).await?.rows_affected())
}

impl Store {
    /// Signups, newest first.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn list_signups(&self, filter: &SignupFilter) -> Result<Vec<SignupRecord>, StoreError> {
        find(&self.pool, filter).await
    }

    /// One signup; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn signup(&self, filter: &SignupFilter) -> Result<Option<SignupRecord>, StoreError> {
        Ok(find(&self.pool, filter).await?.into_iter().next())
    }

    /// The first of some keys that is free; `None` when none is.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn first_free_key(&self, keys: &[TenantKey]) -> Result<Option<TenantKey>, StoreError> {
        first_free(&self.pool, keys).await
    }

    /// Ends signups that waited for too long, and removes a number of those that ended longer ago than `keep` with what
    /// they left. Says how many it ended and removed.
    ///
    /// # Errors
    /// [`StoreError`] of a statement.
    pub async fn sweep_signups(&self, keep: Duration) -> Result<(u64, u64), StoreError> {
        let ended = expire(&self.pool).await?;
        let removed = sqlx::query!(
            "DELETE FROM gateway.signup WHERE id IN (
                 SELECT id FROM gateway.signup WHERE ended_at < now() - make_interval(secs => $1)
                  ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED)",
            keep.as_secs_f64(),
            REMOVED_AT_ONCE
        );
        Ok((ended, removed.execute(&self.pool).await?.rows_affected()))
    }
}
