//! Looks into containers of tenants: asked for by a row, done by a worker, removed soon after.

use std::time::Duration;

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use serde_json::Value;
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::domain::ids::{InspectionId, TenantId};
use crate::domain::inspection::{InspectionKind, InspectionRequest};
use crate::domain::job::JobState;
use crate::domain::seal::Sealed;
use crate::store::change::Change;
use crate::store::{Store, StoreError};

/// A look that was asked for so short a time ago is shared.
const SHARED: Duration = Duration::from_secs(2);
/// A look that its worker does not end within this time is another's.
const LEASE: Duration = Duration::from_secs(30);

/// A look as those who asked see it.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the migration says what the columns are")]
pub struct InspectionRecord {
    pub id: InspectionId,
    pub tenant_id: TenantId,
    pub kind: InspectionKind,
    pub state: JobState,
    pub parameters: Value,
    pub principal: String,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub result: Option<Sealed>,
    /// Code and message.
    pub error: Option<(String, String)>,
}

/// A look that a worker has taken.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// Its identity.
    pub id: InspectionId,
    /// The tenant.
    pub tenant_id: TenantId,
    /// What is asked; `None` where the row makes no sense.
    pub request: Option<InspectionRequest>,
}

/// How a look ended.
#[derive(Clone, Debug)]
pub enum InspectionEnd<'a> {
    /// What was found.
    Found(Sealed),
    /// Code and one sentence without secrets.
    Failed(&'a str, &'a str),
}

/// Where the result of a look is sealed for.
#[must_use]
pub fn place_of(id: InspectionId) -> String {
    format!("inspection/{id}")
}

fn unknown(column: &'static str, id: Uuid) -> StoreError {
    StoreError::Inconsistent { table: "inspection", column, row: id.to_string() }
}

async fn insert(
    executor: impl PgExecutor<'_>,
    tenant: TenantId,
    request: &InspectionRequest,
    principal: &str,
) -> Result<InspectionId, StoreError> {
    let id = sqlx::query_scalar!(
        "INSERT INTO gateway.inspection (tenant_id, kind, parameters, principal) VALUES ($1, $2, $3, $4) RETURNING id",
        tenant.as_uuid(),
        request.kind().as_str(),
        request.parameters(),
        principal
    );
    Ok(InspectionId::from_uuid(id.fetch_one(executor).await?))
}

async fn find(executor: impl PgExecutor<'_>, id: InspectionId) -> Result<Option<InspectionRecord>, StoreError> {
    let row = sqlx::query!(
        r#"
        SELECT id, tenant_id, kind, state, parameters, principal, created_at AS "created_at!: SqlTimestamp",
               ended_at AS "ended_at?: SqlTimestamp", result, error_code, error_message
          FROM gateway.inspection WHERE id = $1
        "#,
        id.as_uuid()
    )
    .fetch_optional(executor)
    .await?;
    let Some(row) = row else { return Ok(None) };
    Ok(Some(InspectionRecord {
        id,
        tenant_id: TenantId::from_uuid(row.tenant_id),
        kind: InspectionKind::parse(&row.kind).ok_or_else(|| unknown("kind", row.id))?,
        state: JobState::parse(&row.state).ok_or_else(|| unknown("state", row.id))?,
        parameters: row.parameters,
        principal: row.principal,
        created_at: row.created_at.to_jiff(),
        ended_at: row.ended_at.map(SqlTimestamp::to_jiff),
        result: row.result.map(Sealed::from_stored),
        error: row.error_code.zip(row.error_message),
    }))
}

impl Change {
    /// Asks for a look into a tenant's container; a trigger wakes a worker.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn create_inspection(
        &mut self,
        tenant: TenantId,
        request: &InspectionRequest,
        principal: &str,
    ) -> Result<InspectionRecord, StoreError> {
        let id = insert(&mut *self.tx, tenant, request, principal).await?;
        find(&mut *self.tx, id).await?.ok_or_else(|| unknown("id", id.as_uuid()))
    }
}

impl Store {
    /// Asks what a tenant's container uses, or gives the look that somebody asked for a moment ago.
    ///
    /// # Errors
    /// [`StoreError`] of a statement.
    pub async fn ask_stats(&self, tenant: TenantId, principal: &str) -> Result<InspectionId, StoreError> {
        let fresh = sqlx::query_scalar!(
            "SELECT id FROM gateway.inspection
              WHERE tenant_id = $1 AND kind = 'stats' AND created_at > now() - make_interval(secs => $2)
              ORDER BY created_at DESC LIMIT 1",
            tenant.as_uuid(),
            SHARED.as_secs_f64()
        );
        match fresh.fetch_optional(&self.pool).await? {
            Some(id) => Ok(InspectionId::from_uuid(id)),
            None => insert(&self.pool, tenant, &InspectionRequest::Stats, principal).await,
        }
    }

    /// A look. `None` where there is none, or no longer.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn inspection(&self, id: InspectionId) -> Result<Option<InspectionRecord>, StoreError> {
        find(&self.pool, id).await
    }

    /// Takes the oldest look that waits, or whose worker fell silent. `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn take_inspection(&self, worker: &str) -> Result<Option<Inspection>, StoreError> {
        let row = sqlx::query!(
            "UPDATE gateway.inspection SET state = 'running', worker = $1, started_at = now()
              WHERE id = (SELECT id FROM gateway.inspection
                           WHERE state = 'pending' OR (state = 'running' AND started_at < now() - make_interval(secs => $2))
                           ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
             RETURNING id, tenant_id, kind, parameters",
            worker,
            LEASE.as_secs_f64()
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let kind = InspectionKind::parse(&row.kind).ok_or_else(|| unknown("kind", row.id))?;
        Ok(Some(Inspection {
            id: InspectionId::from_uuid(row.id),
            tenant_id: TenantId::from_uuid(row.tenant_id),
            request: InspectionRequest::read(kind, &row.parameters),
        }))
    }

    /// Ends a look that this worker has taken; one that another has meanwhile is left to it.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn end_inspection(
        &self,
        id: InspectionId,
        worker: &str,
        end: &InspectionEnd<'_>,
    ) -> Result<(), StoreError> {
        let (state, result, error) = match end {
            InspectionEnd::Found(sealed) => (JobState::Succeeded, Some(sealed.as_str()), None),
            InspectionEnd::Failed(code, message) => (JobState::Failed, None, Some((*code, *message))),
        };
        sqlx::query!(
            "UPDATE gateway.inspection SET state = $3, result = $4, error_code = $5, error_message = $6, ended_at = now()
              WHERE id = $1 AND worker = $2 AND state = 'running'",
            id.as_uuid(),
            worker,
            state.as_str(),
            result,
            error.map(|(code, _)| code),
            error.map(|(_, message)| message)
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Removes looks that were asked for longer ago than `age`. Says how many.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn remove_inspections(&self, age: Duration) -> Result<u64, StoreError> {
        let removed = sqlx::query!(
            "DELETE FROM gateway.inspection WHERE created_at < now() - make_interval(secs => $1)",
            age.as_secs_f64()
        );
        Ok(removed.execute(&self.pool).await?.rows_affected())
    }
}
