//! The audit log: reading it, and checking its chain.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::store::{Store, StoreError};

/// Rows read at once while the chain is checked.
const AT_ONCE: i64 = 1_000;

/// A row of the log.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the columns' comments in the migration say what they are")]
pub struct AuditRecord {
    pub id: i64,
    pub at: Timestamp,
    pub actor: String,
    pub via: String,
    pub address: String,
    pub request_id: String,
    pub call: String,
    pub path: String,
    pub target: Option<String>,
    pub status: i32,
    pub code: Option<String>,
    pub before: Option<Value>,
    pub after: Option<Value>,
    pub digest: Vec<u8>,
}

/// Which rows to list.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// Only by this actor.
    pub actor: Option<String>,
    /// Only about this target.
    pub target: Option<String>,
    /// Only this call.
    pub call: Option<String>,
    /// Only rows older than this one.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// What a check of the chain found.
#[derive(Clone, Debug)]
pub struct AuditCheck {
    /// Rows that were looked at.
    pub rows: i64,
    /// Digest of the last sound row; of zeros when there is none.
    pub digest: [u8; 32],
    /// The first row that does not fit, and why.
    pub broken: Option<(i64, &'static str)>,
}

struct ChainRow {
    id: i64,
    micros: i64,
    actor: String,
    via: String,
    address: String,
    request_id: String,
    call: String,
    path: String,
    target: Option<String>,
    status: i32,
    code: Option<String>,
    before: Option<String>,
    after: Option<String>,
    digest: Vec<u8>,
}

impl ChainRow {
    /// As `gateway.audit_digest` does it: the former digest, then each column as length, colon and text; minus for null.
    fn digest_after(&self, former: &[u8; 32]) -> [u8; 32] {
        let (id, micros, status) = (self.id.to_string(), self.micros.to_string(), self.status.to_string());
        let parts = [
            Some(&id),
            Some(&micros),
            Some(&self.actor),
            Some(&self.via),
            Some(&self.address),
            Some(&self.request_id),
            Some(&self.call),
            Some(&self.path),
            self.target.as_ref(),
            Some(&status),
            self.code.as_ref(),
            self.before.as_ref(),
            self.after.as_ref(),
        ];
        let mut digest = Sha256::new();
        digest.update(former);
        for part in parts {
            match part {
                Some(text) => {
                    digest.update(text.len().to_string());
                    digest.update(":");
                    digest.update(text);
                }
                None => digest.update("-"),
            }
        }
        digest.finalize().into()
    }
}

impl AuditCheck {
    /// Goes on with the next row; false when it does not fit.
    fn take(&mut self, row: &ChainRow) -> bool {
        let digest = row.digest_after(&self.digest);
        let why = if row.id != self.rows + 1 {
            Some("the row before it is missing")
        } else if row.digest != digest {
            Some("it was changed after it was written")
        } else {
            None
        };
        self.broken = why.map(|why| (row.id, why));
        if why.is_none() {
            self.rows = row.id;
            self.digest = digest;
        }
        why.is_none()
    }
}

impl Store {
    /// A page of the log, newest first.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn list_audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRecord>, StoreError> {
        let rows = sqlx::query!(
            r#"
            SELECT id, at AS "at: SqlTimestamp", actor, via, address, request_id, call, path, target, status, code, before, after, digest
              FROM gateway.audit
             WHERE ($1::text IS NULL OR actor = $1) AND ($2::text IS NULL OR target = $2)
               AND ($3::text IS NULL OR call = $3) AND ($4::bigint IS NULL OR id < $4)
             ORDER BY id DESC LIMIT $5
            "#,
            filter.actor,
            filter.target,
            filter.call,
            filter.before,
            i64::from(filter.limit)
        )
        .fetch_all(&self.pool)
        .await?;
        let records = rows.into_iter().map(|row| AuditRecord {
            id: row.id,
            at: row.at.to_jiff(),
            actor: row.actor,
            via: row.via,
            address: row.address,
            request_id: row.request_id,
            call: row.call,
            path: row.path,
            target: row.target,
            status: row.status,
            code: row.code,
            before: row.before,
            after: row.after,
            digest: row.digest,
        });
        Ok(records.collect())
    }

    /// Checks every row of the log and its head.
    ///
    /// # Errors
    /// [`StoreError`] of a query; then nothing is known.
    pub async fn check_audit(&self) -> Result<AuditCheck, StoreError> {
        let mut check = AuditCheck { rows: 0, digest: [0; 32], broken: None };
        let mut tx = self.begin().await?;
        sqlx::query!("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY").execute(&mut *tx).await?;
        let head = sqlx::query!("SELECT id, digest FROM gateway.audit_head").fetch_one(&mut *tx).await?;
        loop {
            let rows = sqlx::query_as!(
                ChainRow,
                r#"
                SELECT id, (extract(epoch FROM at) * 1000000)::bigint AS "micros!", actor, via, address, request_id, call, path,
                       target, status, code, before::text, after::text, digest
                  FROM gateway.audit WHERE id > $1 ORDER BY id LIMIT $2
                "#,
                check.rows,
                AT_ONCE
            )
            .fetch_all(&mut *tx)
            .await?;
            if rows.is_empty() {
                break;
            }
            if !rows.iter().all(|row| check.take(row)) {
                return Ok(check);
            }
        }
        if head.id != check.rows || head.digest != check.digest {
            check.broken = Some((check.rows + 1, "rows at the end are missing"));
        }
        Ok(check)
    }
}
