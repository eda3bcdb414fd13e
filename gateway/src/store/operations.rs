//! Operations and their steps as people see them.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use serde_json::Value;
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::domain::ids::{OperationId, TenantId};
use crate::domain::operation::{Action, OperationKind, OperationState, StepKind, StepState};
use crate::domain::reach::Reach;
use crate::store::change::Change;
use crate::store::tenants::{RecordedError, TenantRef, Transaction};
use crate::store::wishes::{Wish, grant};
use crate::store::{Store, StoreError};

/// An operation without its steps.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the migration says what the columns are")]
pub struct OperationRecord {
    pub id: OperationId,
    pub tenant_id: TenantId,
    pub tenant_key: String,
    pub kind: OperationKind,
    pub state: OperationState,
    pub attempt: i32,
    pub requested_by: String,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// Why it is wanted; `None` where somebody asked for it.
    pub reason: Option<String>,
    /// Nobody waits for it, so it goes behind the rest.
    pub repair: bool,
    pub error: Option<RecordedError>,
}

/// One attempt at a step.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the migration says what the columns are")]
pub struct StepRecord {
    pub id: i64,
    pub step: StepKind,
    pub action: Action,
    pub attempt: i32,
    pub state: StepState,
    pub worker: String,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub result: Option<Value>,
    /// Code, message, and whether another attempt may help.
    pub error: Option<(String, String, bool)>,
}

/// Which operations to list.
#[derive(Clone, Debug, Default)]
pub struct OperationFilter {
    /// Only this tenant's.
    pub tenant: Option<TenantId>,
    /// Only this one.
    pub id: Option<OperationId>,
    /// Only these.
    pub among: Option<Vec<OperationId>>,
    /// Only those in one of these states; where it is empty, in any.
    pub states: Vec<OperationState>,
    /// Only those of one of these kinds; where it is empty, of any.
    pub kinds: Vec<OperationKind>,
    /// Only those of tenants the caller sees.
    pub reach: Reach,
    /// Only those after this place in the order newest first.
    pub after: Option<(Timestamp, Uuid)>,
    /// At most so many.
    pub limit: u32,
}

fn unknown(table: &'static str, column: &'static str, row: &impl ToString) -> StoreError {
    StoreError::Inconsistent { table, column, row: row.to_string() }
}

impl Store {
    /// A page of operations, newest first.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn list_operations(&self, filter: &OperationFilter) -> Result<Vec<OperationRecord>, StoreError> {
        find(&self.pool, filter).await
    }

    /// The step attempts of an operation in the order they were made.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn steps(&self, operation: OperationId) -> Result<Vec<StepRecord>, StoreError> {
        Ok(self.steps_from(&[(operation, 0)]).await?.into_iter().map(|(_, step)| step).collect())
    }

    /// Of each operation given, its step attempts from an id on, in the order they were made.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn steps_from(
        &self,
        places: &[(OperationId, i64)],
    ) -> Result<Vec<(OperationId, StepRecord)>, StoreError> {
        let (operations, from): (Vec<Uuid>, Vec<i64>) = places.iter().map(|(id, from)| (id.as_uuid(), *from)).unzip();
        let rows = sqlx::query!(
            r#"
            SELECT a.operation_id AS "operation_id!", a.id AS "id!", a.step AS "step!", a.action AS "action!",
                   a.attempt AS "attempt!", a.state AS "state!", a.worker AS "worker!",
                   a.started_at AS "started_at!: SqlTimestamp", a.ended_at AS "ended_at?: SqlTimestamp",
                   a.result AS "result?", a.error_code AS "error_code?", a.error_message AS "error_message?",
                   a.retryable AS "retryable?"
              FROM unnest($1::uuid[], $2::bigint[]) AS place (operation_id, first)
              JOIN gateway.step_attempt a ON a.operation_id = place.operation_id AND a.id >= place.first
             ORDER BY a.id
            "#,
            &operations,
            &from
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                let error = match (row.error_code, row.error_message) {
                    (Some(code), Some(message)) => Some((code, message, row.retryable.unwrap_or(false))),
                    _ => None,
                };
                let step = StepRecord {
                    id: row.id,
                    step: StepKind::parse(&row.step).ok_or_else(|| unknown("step_attempt", "step", &row.id))?,
                    action: Action::parse(&row.action).ok_or_else(|| unknown("step_attempt", "action", &row.id))?,
                    state: StepState::parse(&row.state).ok_or_else(|| unknown("step_attempt", "state", &row.id))?,
                    attempt: row.attempt,
                    worker: row.worker,
                    started_at: row.started_at.to_jiff(),
                    ended_at: row.ended_at.map(SqlTimestamp::to_jiff),
                    result: row.result,
                    error,
                };
                Ok((OperationId::from_uuid(row.operation_id), step))
            })
            .collect()
    }
}

impl Change {
    /// Ends the work that is open on a tenant that is being made or changed; the tenant is in error then, until a retry.
    /// Gives the operation as it was and as it is left. `None` when there is no such operation.
    ///
    /// # Errors
    /// [`StoreError::NotCancellable`].
    pub async fn cancel_operation(
        &mut self,
        operation: OperationId,
    ) -> Result<Option<(OperationRecord, OperationRecord)>, StoreError> {
        let Some(tenant) = self.lock_tenant_of(operation).await? else { return Ok(None) };
        let before = one(&mut self.tx, operation).await?;
        let refused = StoreError::NotCancellable { kind: before.kind, state: before.state };
        if !before.state.is_open() {
            return Err(refused);
        }
        match grant(&mut self.tx, tenant, Wish::Cancel).await {
            Err(StoreError::Unfit { .. }) => return Err(refused),
            granted => granted?,
        }
        let after = one(&mut self.tx, operation).await?;
        Ok(Some((before, after)))
    }

    /// Tries again at once what failed or waits. Gives the operation as it was, and the one that tries, which is a new one
    /// where the old one had ended. `None` when there is no such operation.
    ///
    /// # Errors
    /// [`StoreError::Superseded`] when the tenant has a newer one, [`StoreError::NothingToRetry`].
    pub async fn retry_operation(
        &mut self,
        operation: OperationId,
    ) -> Result<Option<(OperationRecord, OperationRecord)>, StoreError> {
        let Some(tenant) = self.lock_tenant_of(operation).await? else { return Ok(None) };
        let before = latest(&mut self.tx, tenant).await?;
        if before.id != operation {
            return Err(StoreError::Superseded);
        }
        grant(&mut self.tx, tenant, Wish::Retry).await?;
        let after = latest(&mut self.tx, tenant).await?;
        Ok(Some((before, after)))
    }

    /// Locks the tenant of an operation, so that no wish comes in between; its id.
    async fn lock_tenant_of(&mut self, operation: OperationId) -> Result<Option<Uuid>, StoreError> {
        let tenant = sqlx::query_scalar!("SELECT tenant_id FROM gateway.operation WHERE id = $1", operation.as_uuid())
            .fetch_optional(&mut *self.tx)
            .await?;
        let Some(tenant) = tenant else { return Ok(None) };
        let tenant = self.lock(&TenantRef::Id(TenantId::from_uuid(tenant))).await?;
        Ok(tenant.map(|tenant| tenant.id.as_uuid()))
    }
}

async fn find(executor: impl PgExecutor<'_>, filter: &OperationFilter) -> Result<Vec<OperationRecord>, StoreError> {
    let (after_at, after_id) = filter.after.map_or((None, None), |(at, id)| (Some(SqlTimestamp::from(at)), Some(id)));
    let among = filter.among.as_ref().map(|ids| ids.iter().map(|id| id.as_uuid()).collect());
    let words = |words: Vec<String>| Some(words).filter(|words| !words.is_empty());
    let states = words(filter.states.iter().map(OperationState::to_string).collect());
    let kinds = words(filter.kinds.iter().map(OperationKind::to_string).collect());
    let rows = sqlx::query!(
        r#"
        SELECT o.id AS "id!", o.tenant_id AS "tenant_id!", t.key AS "key!", o.kind AS "kind!", o.state AS "state!",
               o.attempt AS "attempt!", o.requested_by AS "requested_by!", o.created_at AS "created_at!: SqlTimestamp",
               o.started_at AS "started_at?: SqlTimestamp", o.ended_at AS "ended_at?: SqlTimestamp",
               o.reason AS "reason?", o.repair AS "repair!",
               o.error_step AS "error_step?", o.error_code AS "error_code?", o.error_message AS "error_message?"
          FROM gateway.operation o JOIN gateway.tenant t ON t.id = o.tenant_id
         WHERE ($1::uuid IS NULL OR o.tenant_id = $1) AND ($2::uuid IS NULL OR o.id = $2)
           AND ($3::timestamptz IS NULL OR (o.created_at, o.id) < ($3, $4::uuid))
           AND ($6::uuid[] IS NULL OR t.id = ANY ($6)) AND ($7::uuid[] IS NULL OR t.pool_id = ANY ($7))
           AND ($8::uuid[] IS NULL OR o.id = ANY ($8))
           AND ($9::text[] IS NULL OR o.state = ANY ($9)) AND ($10::text[] IS NULL OR o.kind = ANY ($10))
         ORDER BY o.created_at DESC, o.id DESC LIMIT $5
        "#,
        filter.tenant.map(TenantId::as_uuid),
        filter.id.map(OperationId::as_uuid),
        after_at as Option<SqlTimestamp>,
        after_id,
        i64::from(filter.limit),
        filter.reach.tenants() as Option<&[Uuid]>,
        filter.reach.pools() as Option<&[Uuid]>,
        among as Option<Vec<Uuid>>,
        states as Option<Vec<String>>,
        kinds as Option<Vec<String>>
    )
    .fetch_all(executor)
    .await?;
    rows.into_iter()
        .map(|row| {
            let error = match (row.error_step, row.error_code, row.error_message) {
                (step, Some(code), Some(message)) => {
                    Some(RecordedError { step: step.unwrap_or_default(), code, message })
                }
                _ => None,
            };
            Ok(OperationRecord {
                kind: OperationKind::parse(&row.kind).ok_or_else(|| unknown("operation", "kind", &row.id))?,
                state: OperationState::parse(&row.state).ok_or_else(|| unknown("operation", "state", &row.id))?,
                id: OperationId::from_uuid(row.id),
                tenant_id: TenantId::from_uuid(row.tenant_id),
                tenant_key: row.key,
                attempt: row.attempt,
                requested_by: row.requested_by,
                created_at: row.created_at.to_jiff(),
                started_at: row.started_at.map(SqlTimestamp::to_jiff),
                ended_at: row.ended_at.map(SqlTimestamp::to_jiff),
                reason: row.reason,
                repair: row.repair,
                error,
            })
        })
        .collect()
}

async fn one(tx: &mut Transaction<'_>, id: OperationId) -> Result<OperationRecord, StoreError> {
    let filter = OperationFilter { id: Some(id), limit: 1, ..OperationFilter::default() };
    let found = find(&mut **tx, &filter).await?;
    found.into_iter().next().ok_or_else(|| unknown("operation", "id", &id))
}

async fn latest(tx: &mut Transaction<'_>, tenant: Uuid) -> Result<OperationRecord, StoreError> {
    let filter = OperationFilter { tenant: Some(TenantId::from_uuid(tenant)), limit: 1, ..OperationFilter::default() };
    let found = find(&mut **tx, &filter).await?;
    found.into_iter().next().ok_or_else(|| unknown("operation", "tenant_id", &tenant))
}
