//! The same wish about many tenants: written by a call, opened by workers.
//!
//! Every step of a batch is one transaction, and nothing about it is held in memory: any worker does the next one.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use sqlx::{Acquire, PgConnection};
use uuid::Uuid;

use crate::domain::batch::{BatchCounts, BatchState, BatchTenantState, BatchTurn, BatchVerb};
use crate::domain::ids::{BatchId, OperationId, PoolId, TenantId};
use crate::domain::reach::Reach;
use crate::domain::status::Status;
use crate::store::change::Change;
use crate::store::tenants::{TenantRef, Transaction, lock_tenant, set_actor};
use crate::store::wishes::{Wish, facts_of, grant};
use crate::store::{Store, StoreError};

/// What is wished of each tenant of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchWish {
    verb: BatchVerb,
    force: bool,
    pool: Option<PoolId>,
}

impl BatchWish {
    /// A wish; `None` for a move that leads nowhere, and for a pool without a move. `force` counts for a deletion only:
    /// active tenants too.
    #[must_use]
    pub fn new(verb: BatchVerb, force: bool, pool: Option<PoolId>) -> Option<Self> {
        ((verb == BatchVerb::Move) == pool.is_some()).then_some(Self { verb, force, pool })
    }

    /// The same as a wish about one tenant.
    fn wish(self) -> Wish {
        match (self.verb, self.pool) {
            (BatchVerb::Move, Some(pool)) => Wish::Move(pool),
            (BatchVerb::Suspend, _) => Wish::Suspend,
            // The constructor lets no move without a pool be.
            (BatchVerb::Reactivate | BatchVerb::Move, _) => Wish::Reactivate,
            (BatchVerb::Retry, _) => Wish::Retry,
            (BatchVerb::Pause, _) => Wish::Pause(true),
            (BatchVerb::Resume, _) => Wish::Pause(false),
            (BatchVerb::RotateCredentials, _) => Wish::Rotate,
            (BatchVerb::Delete, _) => Wish::Delete { even_active: self.force, purge: false },
            (BatchVerb::Undelete, _) => Wish::Undelete,
        }
    }
}

/// What batch to make.
#[derive(Clone, Copy, Debug)]
pub struct NewBatch {
    /// What is wished.
    pub wish: BatchWish,
    /// Operations of it that may be open at once.
    pub parallelism: i32,
    /// Failures after which no further wish is opened.
    pub max_failures: Option<i32>,
}

/// A batch and how far it is.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the migration says what the columns are")]
pub struct BatchRecord {
    pub id: BatchId,
    pub verb: BatchVerb,
    pub state: BatchState,
    pub force: bool,
    pub pool_id: Option<Uuid>,
    pub parallelism: i32,
    pub max_failures: Option<i32>,
    pub requested_by: String,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub counts: BatchCounts,
}

/// How far a batch is with one of its tenants.
#[derive(Clone, Debug)]
pub struct BatchTenantRecord {
    /// The tenant.
    pub tenant_id: TenantId,
    /// Its key.
    pub tenant_key: String,
    /// How far.
    pub state: BatchTenantState,
    /// What the wish opened.
    pub operation_id: Option<OperationId>,
    /// Why it was refused, or failed: code and sentence.
    pub error: Option<(String, String)>,
}

/// Which batches to list.
#[derive(Clone, Debug, Default)]
pub struct BatchFilter {
    /// Only this one.
    pub id: Option<BatchId>,
    /// Only those about no tenant but these.
    pub reach: Reach,
    /// Only those after this place in the order newest first.
    pub after: Option<(Timestamp, Uuid)>,
    /// At most so many.
    pub limit: u32,
}

/// Why a wish is refused, as the call on one tenant would say it. `None` for trouble that has nothing to do with the wish.
fn refusal(wish: Wish, error: &StoreError) -> Option<(&'static str, String)> {
    let code = match (wish, error) {
        (Wish::Delete { .. }, StoreError::Unfit { from: Status::Active, .. }) => {
            return Some(("tenant_active", "the tenant is active; suspend it first, or delete it with force".into()));
        }
        (_, StoreError::Unfit { .. } | StoreError::IllegalTransition { .. }) => "illegal_transition",
        (_, StoreError::NothingToRetry(_)) => "nothing_to_retry",
        (_, StoreError::NotShared) => "not_shared",
        (_, StoreError::NoSuchPool) => "no_such_pool",
        (_, StoreError::PoolClosed(_)) => "pool_closed",
        (_, StoreError::PoolFull) => "pool_full",
        (_, StoreError::NoSuchTenant) => "tenant_not_found",
        _ => return None,
    };
    Some((code, error.to_string()))
}

fn unknown(column: &'static str, id: Uuid) -> StoreError {
    StoreError::Inconsistent { table: "batch", column, row: id.to_string() }
}

async fn find(connection: &mut PgConnection, filter: &BatchFilter) -> Result<Vec<BatchRecord>, StoreError> {
    let (after_at, after_id) = filter.after.map_or((None, None), |(at, id)| (Some(SqlTimestamp::from(at)), Some(id)));
    let rows = sqlx::query!(
        r#"
        SELECT b.id AS "id!", b.verb AS "verb!", b.state AS "state!", b.force AS "force!", b.pool_id AS "pool_id?",
               b.parallelism AS "parallelism!", b.max_failures AS "max_failures?", b.requested_by AS "requested_by!",
               b.created_at AS "created_at!: SqlTimestamp", b.ended_at AS "ended_at?: SqlTimestamp",
               c.waiting AS "waiting!", c.running AS "running!", c.succeeded AS "succeeded!", c.failed AS "failed!",
               c.refused AS "refused!", c."left" AS "left!"
          FROM gateway.batch b
          CROSS JOIN LATERAL (
              SELECT count(*) FILTER (WHERE p.state = 'waiting') AS waiting,
                     count(*) FILTER (WHERE p.state = 'running') AS running,
                     count(*) FILTER (WHERE p.state = 'succeeded') AS succeeded,
                     count(*) FILTER (WHERE p.state = 'failed') AS failed,
                     count(*) FILTER (WHERE p.state = 'refused') AS refused,
                     count(*) FILTER (WHERE p.state = 'left') AS "left"
                FROM gateway.batch_progress p WHERE p.batch_id = b.id) c
         WHERE ($1::uuid IS NULL OR b.id = $1) AND ($2::timestamptz IS NULL OR (b.created_at, b.id) < ($2, $3::uuid))
           AND (($4::uuid[] IS NULL AND $5::uuid[] IS NULL) OR NOT EXISTS (
                   SELECT FROM gateway.batch_tenant m JOIN gateway.tenant t ON t.id = m.tenant_id
                    WHERE m.batch_id = b.id
                      AND (($4 IS NULL OR t.id = ANY ($4)) AND ($5 IS NULL OR t.pool_id = ANY ($5))) IS NOT TRUE))
         ORDER BY b.created_at DESC, b.id DESC LIMIT $6
        "#,
        filter.id.map(BatchId::as_uuid),
        after_at as Option<SqlTimestamp>,
        after_id,
        filter.reach.tenants() as Option<&[Uuid]>,
        filter.reach.pools() as Option<&[Uuid]>,
        i64::from(filter.limit)
    )
    .fetch_all(connection)
    .await?;
    let records = rows.into_iter().map(|row| {
        Ok(BatchRecord {
            id: BatchId::from_uuid(row.id),
            verb: BatchVerb::parse(&row.verb).ok_or_else(|| unknown("verb", row.id))?,
            state: BatchState::parse(&row.state).ok_or_else(|| unknown("state", row.id))?,
            force: row.force,
            pool_id: row.pool_id,
            parallelism: row.parallelism,
            max_failures: row.max_failures,
            requested_by: row.requested_by,
            created_at: row.created_at.to_jiff(),
            ended_at: row.ended_at.map(SqlTimestamp::to_jiff),
            counts: BatchCounts {
                waiting: row.waiting,
                running: row.running,
                succeeded: row.succeeded,
                failed: row.failed,
                refused: row.refused,
                left: row.left,
            },
        })
    });
    records.collect()
}

async fn tenants_of(connection: &mut PgConnection, id: BatchId) -> Result<Vec<BatchTenantRecord>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT tenant_id AS "tenant_id!", tenant_key AS "tenant_key!", state AS "state!", operation_id AS "operation_id?",
               error_code AS "error_code?", error_message AS "error_message?"
          FROM gateway.batch_progress WHERE batch_id = $1 ORDER BY place
        "#,
        id.as_uuid()
    )
    .fetch_all(connection)
    .await?;
    let records = rows.into_iter().map(|row| {
        Ok(BatchTenantRecord {
            tenant_id: TenantId::from_uuid(row.tenant_id),
            tenant_key: row.tenant_key,
            state: BatchTenantState::parse(&row.state).ok_or_else(|| unknown("tenant's state", id.as_uuid()))?,
            operation_id: row.operation_id.map(OperationId::from_uuid),
            error: row.error_code.zip(row.error_message),
        })
    });
    records.collect()
}

/// A batch with its tenants, as this transaction leaves it.
async fn as_left(tx: &mut Transaction<'_>, id: BatchId) -> Result<(BatchRecord, Vec<BatchTenantRecord>), StoreError> {
    let filter = BatchFilter { id: Some(id), limit: 1, ..BatchFilter::default() };
    let record = find(tx, &filter).await?.pop().ok_or_else(|| unknown("id", id.as_uuid()))?;
    Ok((record, tenants_of(tx, id).await?))
}

async fn end(tx: &mut Transaction<'_>, id: BatchId, state: BatchState) -> Result<(), StoreError> {
    let ended = sqlx::query!(
        "UPDATE gateway.batch SET state = $2, ended_at = clock_timestamp() WHERE id = $1 AND ended_at IS NULL",
        id.as_uuid(),
        state.as_str()
    );
    ended.execute(&mut **tx).await?;
    Ok(())
}

async fn leave_waiting(tx: &mut Transaction<'_>, id: BatchId) -> Result<(), StoreError> {
    let left = sqlx::query!(
        "UPDATE gateway.batch_tenant SET state = 'left' WHERE batch_id = $1 AND state = 'waiting'",
        id.as_uuid()
    );
    left.execute(&mut **tx).await?;
    Ok(())
}

impl Change {
    /// The ids of tenants that are named, in their order, each once; for those that are not there or not seen the places at
    /// which they are named.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn named_tenants(
        &mut self,
        named: &[Option<TenantRef>],
    ) -> Result<Result<Vec<TenantId>, Vec<usize>>, StoreError> {
        let ids: Vec<Option<Uuid>> = named.iter().map(|one| one.as_ref().and_then(TenantRef::id)).collect();
        let keys: Vec<Option<String>> = named.iter().map(|one| one.as_ref().and_then(TenantRef::key)).collect();
        let reach = &self.terms.reach;
        let rows = sqlx::query!(
            r#"
            SELECT n.place AS "place!", t.id AS "id?"
              FROM unnest($1::uuid[], $2::text[]) WITH ORDINALITY AS n (id, key, place)
              LEFT JOIN gateway.tenant t
                ON (t.id = n.id OR (t.key = n.key AND t.status <> 'deleted'))
               AND ($3::uuid[] IS NULL OR t.id = ANY ($3)) AND ($4::uuid[] IS NULL OR t.pool_id = ANY ($4))
             ORDER BY n.place
            "#,
            &ids as &[Option<Uuid>],
            &keys as &[Option<String>],
            reach.tenants() as Option<&[Uuid]>,
            reach.pools() as Option<&[Uuid]>
        )
        .fetch_all(&mut *self.tx)
        .await?;
        let mut found = Vec::with_capacity(rows.len());
        let mut missing = Vec::new();
        for row in rows {
            match row.id {
                Some(id) if found.contains(&TenantId::from_uuid(id)) => {}
                Some(id) => found.push(TenantId::from_uuid(id)),
                None => missing.push(usize::try_from(row.place).unwrap_or_default().saturating_sub(1)),
            }
        }
        Ok(if missing.is_empty() { Ok(found) } else { Err(missing) })
    }

    /// Writes a batch about these tenants, each of whom is there; workers are woken. Those of whom this cannot be wished as
    /// they are have been refused by then.
    ///
    /// # Errors
    /// [`StoreError::NoSuchPool`] for a move to a pool that is not there or not seen.
    pub async fn create_batch(
        &mut self,
        new: &NewBatch,
        tenants: &[TenantId],
    ) -> Result<(BatchRecord, Vec<BatchTenantRecord>), StoreError> {
        if let Some(pool) = new.wish.pool {
            let is_there = sqlx::query_scalar!(
                r#"SELECT EXISTS (SELECT FROM gateway.shared_pool WHERE id = $1) AS "there!""#,
                pool.as_uuid()
            );
            let is_seen = self.terms.reach.pools().is_none_or(|pools| pools.contains(&pool.as_uuid()));
            if !is_seen || !is_there.fetch_one(&mut *self.tx).await? {
                return Err(StoreError::NoSuchPool);
            }
        }
        let ids: Vec<Uuid> = tenants.iter().map(|id| id.as_uuid()).collect();
        let facts = facts_of(&mut self.tx, &ids).await?;
        let wish = new.wish.wish();
        let refused: Vec<Option<(&'static str, String)>> = ids
            .iter()
            .map(|id| {
                facts.iter().find(|one| one.id == *id).map_or(Err(StoreError::NoSuchTenant), |one| wish.check(one))
            })
            .map(|checked| checked.err().and_then(|error| refusal(wish, &error)))
            .collect();
        let codes: Vec<Option<String>> =
            refused.iter().map(|one| one.as_ref().map(|(code, _)| (*code).to_owned())).collect();
        let messages: Vec<Option<String>> =
            refused.iter().map(|one| one.as_ref().map(|(_, message)| message.clone())).collect();
        let id = sqlx::query_scalar!(
            "INSERT INTO gateway.batch (verb, force, pool_id, parallelism, max_failures) VALUES ($1, $2, $3, $4, $5) RETURNING id",
            new.wish.verb.as_str(),
            new.wish.force,
            new.wish.pool.map(PoolId::as_uuid),
            new.parallelism,
            new.max_failures
        )
        .fetch_one(&mut *self.tx)
        .await?;
        sqlx::query!(
            "INSERT INTO gateway.batch_tenant (batch_id, place, tenant_id, state, error_code, error_message)
             SELECT $1, n.place, n.tenant, CASE WHEN n.code IS NULL THEN 'waiting' ELSE 'refused' END, n.code, n.message
               FROM unnest($2::uuid[], $3::text[], $4::text[]) WITH ORDINALITY AS n (tenant, code, message, place)",
            id,
            &ids,
            &codes as &[Option<String>],
            &messages as &[Option<String>]
        )
        .execute(&mut *self.tx)
        .await?;
        let id = BatchId::from_uuid(id);
        let (mut record, members) = as_left(&mut self.tx, id).await?;
        if let BatchTurn::End(state) = record.counts.turn(record.parallelism, record.max_failures) {
            end(&mut self.tx, id, state).await?;
            record = as_left(&mut self.tx, id).await?.0;
        }
        sqlx::query!("SELECT pg_notify('gateway_tenant', $1)", id.to_string()).fetch_one(&mut *self.tx).await?;
        Ok((record, members))
    }

    /// Ends a batch that is seen: no further wish is opened, and what was opened goes on. Gives it as it was and as it is;
    /// `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::BatchEnded`].
    pub async fn cancel_batch(
        &mut self,
        id: BatchId,
    ) -> Result<Option<(BatchRecord, BatchRecord, Vec<BatchTenantRecord>)>, StoreError> {
        sqlx::query!("SELECT id FROM gateway.batch WHERE id = $1 FOR UPDATE", id.as_uuid())
            .fetch_optional(&mut *self.tx)
            .await?;
        let filter = BatchFilter { id: Some(id), reach: self.terms.reach.clone(), limit: 1, ..BatchFilter::default() };
        let Some(before) = find(&mut self.tx, &filter).await?.pop() else { return Ok(None) };
        if before.state != BatchState::Running {
            return Err(StoreError::BatchEnded(before.state));
        }
        leave_waiting(&mut self.tx, id).await?;
        end(&mut self.tx, id, BatchState::Cancelled).await?;
        let (after, members) = as_left(&mut self.tx, id).await?;
        Ok(Some((before, after, members)))
    }
}

impl Store {
    /// A page of batches, newest first.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn list_batches(&self, filter: &BatchFilter) -> Result<Vec<BatchRecord>, StoreError> {
        find(&mut *self.pool.acquire().await?, filter).await
    }

    /// The tenants of a batch, in the order in which they are taken.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn batch_tenants(&self, id: BatchId) -> Result<Vec<BatchTenantRecord>, StoreError> {
        tenants_of(&mut *self.pool.acquire().await?, id).await
    }

    /// The batches that have not ended, oldest first.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn open_batches(&self) -> Result<Vec<BatchId>, StoreError> {
        let ids = sqlx::query_scalar!("SELECT id FROM gateway.batch WHERE ended_at IS NULL ORDER BY created_at");
        Ok(ids.fetch_all(&self.pool).await?.into_iter().map(BatchId::from_uuid).collect())
    }

    /// Does the next step of a batch in the name of who asked for it, unless another worker is about to. Says whether there
    /// may be another step at once.
    ///
    /// # Errors
    /// [`StoreError`] of a statement; nothing was done then.
    pub async fn advance_batch(&self, id: BatchId) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let held = sqlx::query_scalar!(
            "SELECT id FROM gateway.batch WHERE id = $1 AND ended_at IS NULL FOR UPDATE SKIP LOCKED",
            id.as_uuid()
        );
        if held.fetch_optional(&mut *tx).await?.is_none() {
            return Ok(false);
        }
        let filter = BatchFilter { id: Some(id), limit: 1, ..BatchFilter::default() };
        let Some(batch) = find(&mut tx, &filter).await?.pop() else { return Ok(false) };
        let more = match batch.counts.turn(batch.parallelism, batch.max_failures) {
            BatchTurn::Wait => return Ok(false),
            BatchTurn::Leave => {
                leave_waiting(&mut tx, id).await?;
                true
            }
            BatchTurn::End(state) => {
                end(&mut tx, id, state).await?;
                false
            }
            BatchTurn::Open => {
                open_next(&mut tx, &batch).await?;
                true
            }
        };
        tx.commit().await?;
        Ok(more)
    }
}

/// Wishes it of the next tenant, or writes down why not.
async fn open_next(tx: &mut Transaction<'_>, batch: &BatchRecord) -> Result<(), StoreError> {
    let id = batch.id.as_uuid();
    let next = sqlx::query!(
        "SELECT place, tenant_id FROM gateway.batch_tenant WHERE batch_id = $1 AND state = 'waiting' ORDER BY place LIMIT 1",
        id
    );
    let Some(next) = next.fetch_optional(&mut **tx).await? else { return Ok(()) };
    let pool = batch.pool_id.map(PoolId::from_uuid);
    let wish = BatchWish::new(batch.verb, batch.force, pool).ok_or_else(|| unknown("pool_id", id))?.wish();
    set_actor(tx, &batch.requested_by).await?;
    match wish_of(tx, next.tenant_id, wish).await {
        Ok(operation) => {
            let opened = sqlx::query!(
                "UPDATE gateway.batch_tenant SET state = 'opened', operation_id = $3 WHERE batch_id = $1 AND place = $2",
                id,
                next.place,
                operation
            );
            opened.execute(&mut **tx).await?;
        }
        Err(error) => {
            let Some((code, message)) = refusal(wish, &error) else { return Err(error) };
            let refused = sqlx::query!(
                "UPDATE gateway.batch_tenant SET state = 'refused', error_code = $3, error_message = $4
                  WHERE batch_id = $1 AND place = $2",
                id,
                next.place,
                code,
                message
            );
            refused.execute(&mut **tx).await?;
        }
    }
    Ok(())
}

/// Makes the wish; where it is refused, nothing of it stays. Gives the operation that is to be waited for.
async fn wish_of(tx: &mut Transaction<'_>, tenant: Uuid, wish: Wish) -> Result<Option<Uuid>, StoreError> {
    let mut part = tx.begin().await?;
    let which = TenantRef::Id(TenantId::from_uuid(tenant));
    lock_tenant(&mut part, &which).await?.ok_or(StoreError::NoSuchTenant)?;
    grant(&mut part, tenant, wish).await?;
    let operation = match wish {
        Wish::Pause(_) => None,
        _ => {
            sqlx::query_scalar!(
                "SELECT id FROM gateway.operation WHERE tenant_id = $1 AND ended_at IS NULL ORDER BY created_at DESC LIMIT 1",
                tenant
            )
            .fetch_optional(&mut *part)
            .await?
        }
    };
    part.commit().await?;
    Ok(operation)
}
