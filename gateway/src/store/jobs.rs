//! Work on the whole fleet: asked for by a row, done by one worker under a lease.
//!
//! A job whose worker died is taken by another, from the beginning. Every write of a worker carries its [`JobClaim`].

use std::time::Duration;

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use serde_json::Value;
use sqlx::PgExecutor;
use uuid::Uuid;

use crate::domain::ids::JobId;
use crate::domain::job::{JobKind, JobRequest, JobState};
use crate::store::change::Change;
use crate::store::{Store, StoreError};

/// Claims after which a job is given up: it may be what its workers die of.
const MOST_ATTEMPTS: i32 = 3;

/// A job as people see it.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the migration says what the columns are")]
pub struct JobRecord {
    pub id: JobId,
    pub kind: JobKind,
    pub state: JobState,
    pub parameters: Value,
    pub requested_by: String,
    pub worker: Option<String>,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub result: Option<Value>,
    pub error_message: Option<String>,
}

/// Which jobs to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct JobFilter {
    /// Only this one.
    pub id: Option<JobId>,
    /// Only those after this place in the order newest first.
    pub after: Option<(Timestamp, Uuid)>,
    /// At most so many.
    pub limit: u32,
}

/// The right to work on a job. Its start, drawn by the control database at each claim, tells it from an earlier one of the
/// same worker.
#[derive(Clone, Debug)]
pub struct JobClaim {
    id: JobId,
    worker: String,
    started_at: SqlTimestamp,
}

/// A claimed job.
#[derive(Clone, Debug)]
pub struct Job {
    /// What every write on its behalf carries.
    pub claim: JobClaim,
    /// Its identity.
    pub id: JobId,
    /// What is asked; where the row holds parameters that make no sense, the sentence that says so.
    pub request: Result<JobRequest, String>,
    /// Who asked.
    pub requested_by: String,
}

/// How a job ended.
#[derive(Clone, Debug)]
pub enum JobEnd<'a> {
    /// What it found or did.
    Result(&'a Value),
    /// Why there is no result, in one sentence without secrets.
    Error(&'a str),
}

struct Row {
    id: Uuid,
    kind: String,
    state: String,
    parameters: Value,
    requested_by: String,
    worker: Option<String>,
    created_at: SqlTimestamp,
    started_at: Option<SqlTimestamp>,
    ended_at: Option<SqlTimestamp>,
    result: Option<Value>,
    error_message: Option<String>,
}

fn unknown(column: &'static str, id: Uuid) -> StoreError {
    StoreError::Inconsistent { table: "job", column, row: id.to_string() }
}

impl TryFrom<Row> for JobRecord {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: JobId::from_uuid(row.id),
            kind: JobKind::parse(&row.kind).ok_or_else(|| unknown("kind", row.id))?,
            state: JobState::parse(&row.state).ok_or_else(|| unknown("state", row.id))?,
            parameters: row.parameters,
            requested_by: row.requested_by,
            worker: row.worker,
            created_at: row.created_at.to_jiff(),
            started_at: row.started_at.map(SqlTimestamp::to_jiff),
            ended_at: row.ended_at.map(SqlTimestamp::to_jiff),
            result: row.result,
            error_message: row.error_message,
        })
    }
}

async fn find(executor: impl PgExecutor<'_>, filter: &JobFilter) -> Result<Vec<JobRecord>, StoreError> {
    let (after_at, after_id) = filter.after.map_or((None, None), |(at, id)| (Some(SqlTimestamp::from(at)), Some(id)));
    let rows = sqlx::query_as!(
        Row,
        r#"
        SELECT id, kind, state, parameters, requested_by, worker, created_at AS "created_at!: SqlTimestamp",
               started_at AS "started_at?: SqlTimestamp", ended_at AS "ended_at?: SqlTimestamp", result, error_message
          FROM gateway.job
         WHERE ($1::uuid IS NULL OR id = $1) AND ($2::timestamptz IS NULL OR (created_at, id) < ($2, $3::uuid))
         ORDER BY created_at DESC, id DESC LIMIT $4
        "#,
        filter.id.map(JobId::as_uuid),
        after_at as Option<SqlTimestamp>,
        after_id,
        i64::from(filter.limit)
    )
    .fetch_all(executor)
    .await?;
    rows.into_iter().map(JobRecord::try_from).collect()
}

impl Change {
    /// Writes a job that waits for a worker; a trigger wakes one.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn create_job(&mut self, request: &JobRequest) -> Result<JobRecord, StoreError> {
        let id = sqlx::query_scalar!(
            "INSERT INTO gateway.job (kind, parameters) VALUES ($1, $2) RETURNING id",
            request.kind().as_str(),
            request.parameters()
        )
        .fetch_one(&mut *self.tx)
        .await?;
        let filter = JobFilter { id: Some(JobId::from_uuid(id)), after: None, limit: 1 };
        find(&mut *self.tx, &filter).await?.into_iter().next().ok_or_else(|| unknown("id", id))
    }
}

impl Store {
    /// A page of jobs, newest first.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn list_jobs(&self, filter: &JobFilter) -> Result<Vec<JobRecord>, StoreError> {
        find(&self.pool, filter).await
    }

    /// Claims the oldest job that waits, or whose worker fell silent, for `lease`. `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn claim_job(&self, worker: &str, lease: Duration) -> Result<Option<Job>, StoreError> {
        let row = sqlx::query!(
            r#"
            UPDATE gateway.job
               SET state = 'running', worker = $1, attempt = attempt + 1, started_at = clock_timestamp(),
                   lease_expires_at = now() + make_interval(secs => $2)
             WHERE id = (SELECT id FROM gateway.job
                          WHERE state = 'pending' OR (state = 'running' AND lease_expires_at < now())
                          ORDER BY created_at LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING id, kind, parameters, requested_by, attempt, started_at AS "started_at!: SqlTimestamp"
            "#,
            worker,
            lease.as_secs_f64()
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let id = JobId::from_uuid(row.id);
        let kind = JobKind::parse(&row.kind).ok_or_else(|| unknown("kind", row.id))?;
        Ok(Some(Job {
            claim: JobClaim { id, worker: worker.to_owned(), started_at: row.started_at },
            id,
            request: if row.attempt > MOST_ATTEMPTS {
                Err(format!("{MOST_ATTEMPTS} workers died of it, or lost it"))
            } else {
                JobRequest::read(kind, &row.parameters).map_err(|wrong| wrong.to_string())
            },
            requested_by: row.requested_by,
        }))
    }

    /// Renews the lease.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`]: somebody else has the job.
    pub async fn renew_job(&self, claim: &JobClaim, lease: Duration) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "UPDATE gateway.job SET lease_expires_at = now() + make_interval(secs => $4)
              WHERE id = $1 AND worker = $2 AND started_at = $3 AND state = 'running'",
            claim.id.as_uuid(),
            claim.worker,
            claim.started_at as SqlTimestamp,
            lease.as_secs_f64()
        )
        .execute(&self.pool)
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::LeaseLost) }
    }

    /// Ends a job.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`]: somebody else has the job, and nothing was written.
    pub async fn end_job(&self, claim: &JobClaim, end: &JobEnd<'_>) -> Result<(), StoreError> {
        let (state, result, error) = match end {
            JobEnd::Result(result) => (JobState::Succeeded, Some(*result), None),
            JobEnd::Error(error) => (JobState::Failed, None, Some(*error)),
        };
        let done = sqlx::query!(
            "UPDATE gateway.job
                SET state = $4, result = $5, error_message = $6, ended_at = clock_timestamp(), lease_expires_at = NULL
              WHERE id = $1 AND worker = $2 AND started_at = $3 AND state = 'running'",
            claim.id.as_uuid(),
            claim.worker,
            claim.started_at as SqlTimestamp,
            state.as_str(),
            result,
            error
        )
        .execute(&self.pool)
        .await?;
        if done.rows_affected() == 1 { Ok(()) } else { Err(StoreError::LeaseLost) }
    }
}
