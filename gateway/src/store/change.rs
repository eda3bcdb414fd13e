//! One call that changes something, as one transaction: what it changes, its row in the audit log, and the answer that is
//! given again when the call is repeated under its Idempotency-Key.
//!
//! While a change is open nothing else may be asked of the store by the same call: the pool could be full of calls that
//! wait for this one.

use std::net::IpAddr;

use serde_json::Value;
use sqlx::{PgExecutor, Postgres, Transaction};

use crate::domain::reach::Reach;
use crate::domain::seal::Sealed;
use crate::domain::version::Version;
use crate::store::tenants::{TenantRecord, TenantRef, as_left, lock_tenant, set_actor};
use crate::store::{Store, StoreError};

/// How somebody shows who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// A program with its key.
    ApiKey,
    /// A person with a session.
    Session,
    /// Not at all.
    Anonymous,
}

impl Via {
    /// The word in the audit log.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApiKey => "api_key",
            Self::Session => "session",
            Self::Anonymous => "anonymous",
        }
    }
}

/// A call as the audit log tells of it.
#[derive(Clone, Debug)]
pub struct By {
    /// Who, such as `user:owner@localhost`.
    pub actor: String,
    /// How they showed it.
    pub via: Via,
    /// Where from.
    pub address: IpAddr,
    /// Id of the request.
    pub request_id: String,
    /// Operation id of the document.
    pub call: &'static str,
    /// Path of the request.
    pub path: String,
}

/// Under what key the answer to a call is remembered.
#[derive(Clone, Debug)]
pub struct Once {
    /// Whose key: two callers do not share any.
    pub principal: String,
    /// The Idempotency-Key.
    pub key: String,
    /// Tells this call from another one under the same key: a keyed digest of all it carries.
    pub fingerprint: [u8; 32],
}

/// Whose change it is, how far they see, and what they have seen.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The call.
    pub by: By,
    /// The tenants it may touch.
    pub reach: Reach,
    /// The version the tenant has to have.
    pub expected: Option<Version>,
    /// Whether and how its answer is remembered.
    pub once: Option<Once>,
}

/// Where to look next, as it is remembered.
#[derive(Clone, Debug)]
pub enum Location {
    /// A path that tells nothing.
    Plain(String),
    /// A path that is a secret itself.
    Sealed(Sealed),
}

impl Location {
    fn of_columns(plain: Option<String>, sealed: Option<String>) -> Option<Self> {
        sealed.map(Sealed::from_stored).map(Self::Sealed).or_else(|| plain.map(Self::Plain))
    }

    fn columns(&self) -> (Option<&str>, Option<&str>) {
        match self {
            Self::Plain(path) => (Some(path), None),
            Self::Sealed(sealed) => (None, Some(sealed.as_str())),
        }
    }
}

/// An answer as it is remembered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Where to look next.
    pub location: Option<Location>,
    /// Entity tag.
    pub etag: Option<String>,
    /// The body, sealed.
    pub body: Sealed,
}

/// What was changed, for the audit log. Holds no secret.
#[derive(Clone, Debug)]
pub struct Told {
    /// HTTP status of the answer.
    pub status: u16,
    /// What was changed, as `kind:id`.
    pub target: String,
    /// How it was.
    pub before: Option<Value>,
    /// How it is.
    pub after: Option<Value>,
}

/// A call that may be a repetition.
#[derive(Debug)]
pub enum Begun {
    /// It is not.
    New(Box<Change>),
    /// It was done before, with this answer.
    Again(Answer),
}

/// An open change; dropped without [`Change::commit`] it never was.
#[derive(Debug)]
pub struct Change {
    pub(super) tx: Transaction<'static, Postgres>,
    pub(super) terms: Terms,
}

impl Store {
    /// Begins a change, or finds the answer of the same call. Another call under the same key that is still under way is
    /// waited for.
    ///
    /// # Errors
    /// [`StoreError::KeyReused`] when another call was made under the key; [`StoreError::Unavailable`] when one under way
    /// does not end.
    pub async fn begin_change(&self, terms: Terms) -> Result<Begun, StoreError> {
        let mut tx = self.begin().await?;
        if let Some(once) = &terms.once {
            sqlx::query!(
                "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))",
                format!("answer/{}/{}", once.principal, once.key)
            )
            .fetch_one(&mut *tx)
            .await?;
            if let Some(answer) = find_answer(&mut *tx, once).await? {
                return Ok(Begun::Again(answer));
            }
        }
        set_actor(&mut tx, &terms.by.actor).await?;
        Ok(Begun::New(Box::new(Change { tx, terms })))
    }

    /// What the same call was answered before; `None` where it was not, or is still under way.
    ///
    /// # Errors
    /// [`StoreError::KeyReused`] when another call was made under the key.
    pub async fn answer(&self, once: &Once) -> Result<Option<Answer>, StoreError> {
        find_answer(&self.pool, once).await
    }

    /// Writes the audit row of a call that was refused.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn record_refusal(&self, by: &By, status: u16, code: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        record(&mut tx, by, status, Some(code), None).await?;
        tx.commit().await?;
        Ok(())
    }
}

impl Change {
    /// Ends the change for good, with its row in the audit log and, where the caller gave a key, its answer.
    ///
    /// # Errors
    /// [`StoreError`] of a statement; then nothing was changed.
    pub async fn commit(mut self, told: &Told, answer: Option<&Answer>) -> Result<(), StoreError> {
        if let (Some(once), Some(answer)) = (&self.terms.once, answer) {
            let (location, location_sealed) = answer.location.as_ref().map(Location::columns).unwrap_or_default();
            sqlx::query!(
                "INSERT INTO gateway.answer (principal, key, fingerprint, status, location, location_sealed, etag, body_sealed)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
                 ON CONFLICT (principal, key) DO UPDATE
                    SET fingerprint = EXCLUDED.fingerprint, status = EXCLUDED.status, location = EXCLUDED.location, location_sealed = EXCLUDED.location_sealed,
                        etag = EXCLUDED.etag, body_sealed = EXCLUDED.body_sealed, created_at = now()",
                once.principal,
                once.key,
                once.fingerprint.as_slice(),
                i32::from(answer.status),
                location,
                location_sealed,
                answer.etag,
                answer.body.as_str()
            )
            .execute(&mut *self.tx)
            .await?;
        }
        // Last, as it holds the head of the log until the end.
        record(&mut self.tx, &self.terms.by, told.status, None, Some(told)).await?;
        self.tx.commit().await?;
        Ok(())
    }

    /// Ends the change without a trace.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn abandon(self) -> Result<(), StoreError> {
        self.tx.rollback().await?;
        Ok(())
    }

    /// How far the caller sees.
    #[must_use]
    pub const fn reach(&self) -> &Reach {
        &self.terms.reach
    }

    /// Goes on only with the version that the caller has seen, where it says which.
    ///
    /// # Errors
    /// [`StoreError::Outdated`] where what was found has another one.
    pub fn require_version(&self, found: Version) -> Result<(), StoreError> {
        match self.terms.expected {
            Some(expected) if expected != found => Err(StoreError::Outdated),
            _ => Ok(()),
        }
    }

    /// Locks a tenant that the caller sees and gives it as it is. `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::Outdated`] when it has another version than the caller expects.
    pub(super) async fn lock(&mut self, which: &TenantRef) -> Result<Option<TenantRecord>, StoreError> {
        let Some((id, _)) = lock_tenant(&mut self.tx, which).await? else { return Ok(None) };
        let record = as_left(&mut self.tx, id).await?;
        if !self.terms.reach.holds(record.id, record.pool_id) {
            return Ok(None);
        }
        self.require_version(record.version)?;
        Ok(Some(record))
    }
}

async fn find_answer(executor: impl PgExecutor<'_>, once: &Once) -> Result<Option<Answer>, StoreError> {
    let known = sqlx::query!(
        "SELECT fingerprint, status, location, location_sealed, etag, body_sealed FROM gateway.answer
          WHERE principal = $1 AND key = $2 AND created_at > now() - interval '1 day'",
        once.principal,
        once.key
    );
    let Some(row) = known.fetch_optional(executor).await? else { return Ok(None) };
    if row.fingerprint != once.fingerprint {
        return Err(StoreError::KeyReused);
    }
    Ok(Some(Answer {
        status: u16::try_from(row.status).unwrap_or_default(),
        location: Location::of_columns(row.location, row.location_sealed),
        etag: row.etag,
        body: Sealed::from_stored(row.body_sealed),
    }))
}

async fn record(
    tx: &mut Transaction<'_, Postgres>,
    by: &By,
    status: u16,
    code: Option<&str>,
    told: Option<&Told>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "INSERT INTO gateway.audit (id, at, actor, via, address, request_id, call, path, target, status, code, before, after, digest)
         VALUES (0, now(), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '')",
        by.actor,
        by.via.as_str(),
        by.address.to_string(),
        by.request_id,
        by.call,
        by.path,
        told.map(|told| told.target.as_str()),
        i32::from(status),
        code,
        told.and_then(|told| told.before.clone()),
        told.and_then(|told| told.after.clone())
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}
