//! What happens to signups: each begins, is proved, decided about, and hands over what it holds.

use std::collections::BTreeMap;
use std::time::Duration;

use sqlx::Connection;
use sqlx::types::Json;
use uuid::Uuid;

use crate::domain::email::Email;
use crate::domain::ids::{SignupId, TenantId};
use crate::domain::key::TenantKey;
use crate::domain::labels::LabelsPatch;
use crate::domain::seal::Sealed;
use crate::domain::signup::{ContactLine, SignupRules, SignupState};
use crate::domain::tenant::{CompanyName, NewTenant, Tier};
use crate::store::change::Change;
use crate::store::room::{Need, lack_of};
use crate::store::signups::{SignupFilter, SignupRecord, expire, find, first_free};
use crate::store::{StoreError, tenants};

/// Why a proved signup was refused by itself.
const KEY_GONE: &str = "its key was given to another tenant before the address was proved";

/// What somebody asks for when signing up.
#[derive(Clone, Debug)]
pub struct NewSignup {
    /// Its identity.
    pub id: SignupId,
    /// Keys that would do, the best first.
    pub keys: Vec<TenantKey>,
    /// The customer's name.
    pub company_name: CompanyName,
    /// Where to write to.
    pub email: Option<Email>,
    /// Whom to ask.
    pub contact_name: Option<ContactLine>,
    /// How to reach them.
    pub contact_phone: Option<ContactLine>,
    /// SHA-256 of the token for its state.
    pub status_hash: [u8; 32],
    /// SHA-256 of the token in the letter, where one is sent.
    pub proof_hash: Option<[u8; 32]>,
    /// What it leaves for the tenant's app.
    pub first_user: Option<Sealed>,
}

/// What the tenants that signups make have in common, and how long signups wait.
#[derive(Clone, Debug)]
pub struct SignupTerms {
    /// What a signup has to pass.
    pub rules: SignupRules,
    /// How its tenant is served.
    pub tier: Tier,
    /// Labels of its tenant.
    pub labels: LabelsPatch,
    /// What a tenant takes, of which there has to be room for another signup to begin; `None` where nobody asks.
    pub need: Option<Need>,
    /// How many may wait at once.
    pub waiting: u32,
    /// How long one waits for its proof.
    pub proof_lasts: Duration,
    /// How long one waits for an operator.
    pub approval_lasts: Duration,
}

impl SignupTerms {
    const fn lasts(&self, state: SignupState) -> Option<Duration> {
        match state {
            SignupState::WaitingProof => Some(self.proof_lasts),
            SignupState::WaitingApproval => Some(self.approval_lasts),
            SignupState::Accepted | SignupState::Refused | SignupState::Expired => None,
        }
    }
}

/// What a signup left for its tenant's app.
#[derive(Clone, Debug)]
pub struct HandedOver {
    /// The signup.
    pub signup: SignupId,
    /// The address given.
    pub email: Option<String>,
    /// Whether that was proved.
    pub proved: bool,
    /// Whom to ask.
    pub contact_name: Option<String>,
    /// How to reach them.
    pub contact_phone: Option<String>,
    /// The payload.
    pub first_user: Option<Sealed>,
}

impl Change {
    /// Writes a signup and gives it as written. One that has nothing to pass gets its tenant at once. Signups begin one
    /// after the other, so that no two get a key and no more wait than may.
    ///
    /// # Errors
    /// [`StoreError::KeyUnavailable`], [`StoreError::TooManyWaiting`], [`StoreError::NoRoom`].
    pub async fn create_signup(&mut self, new: &NewSignup, terms: &SignupTerms) -> Result<SignupRecord, StoreError> {
        sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended('gateway.signup', 0))")
            .fetch_one(&mut *self.tx)
            .await?;
        expire(&mut *self.tx).await?;
        if let Some(need) = &terms.need
            && let Some(lack) = lack_of(&mut *self.tx, need).await?
        {
            return Err(StoreError::NoRoom(lack));
        }
        let state = terms.rules.at_first();
        if state.is_waiting() {
            let waiting =
                sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM gateway.signup WHERE expires_at IS NOT NULL"#);
            if waiting.fetch_one(&mut *self.tx).await? >= i64::from(terms.waiting) {
                return Err(StoreError::TooManyWaiting);
            }
        }
        let key = first_free(&mut *self.tx, &new.keys).await?.ok_or(StoreError::KeyUnavailable)?;
        let tenant = match state {
            SignupState::Accepted => Some(self.admit(&key, &new.company_name, terms).await.map_err(as_unavailable)?),
            _ => None,
        };
        sqlx::query!(
            "INSERT INTO gateway.signup (id, state, key, company_name, email, contact_name, contact_phone, status_hash, proof_hash,
                                         first_user_sealed, tenant_id, expires_at, ended_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, now() + make_interval(secs => $12),
                     CASE WHEN $12::float8 IS NULL THEN now() END)",
            new.id.as_uuid(),
            state.as_str(),
            key.as_str(),
            new.company_name.as_str(),
            new.email.as_ref().map(Email::as_str),
            new.contact_name.as_ref().map(ContactLine::as_str),
            new.contact_phone.as_ref().map(ContactLine::as_str),
            new.status_hash.as_slice(),
            new.proof_hash.as_ref().map(<[u8; 32]>::as_slice),
            new.first_user.as_ref().map(Sealed::as_str),
            tenant.map(TenantId::as_uuid),
            terms.lasts(state).map(|lasts| lasts.as_secs_f64())
        )
        .execute(&mut *self.tx)
        .await?;
        self.written_signup(new.id).await
    }

    /// Takes an address for proved and lets its signup go on; gives it as it was and as it is. `None` when no signup waits
    /// for this token. Where its key is no longer to be had, the signup is refused.
    ///
    /// # Errors
    /// [`StoreError`] of a statement.
    pub async fn prove_signup(
        &mut self,
        proof_hash: [u8; 32],
        terms: &SignupTerms,
    ) -> Result<Option<(SignupRecord, SignupRecord)>, StoreError> {
        let locked = sqlx::query_scalar!(
            "SELECT id FROM gateway.signup WHERE proof_hash = $1 AND state = 'waiting_proof' FOR UPDATE",
            proof_hash.as_slice()
        );
        let Some(id) = locked.fetch_optional(&mut *self.tx).await? else { return Ok(None) };
        let before = self.written_signup(SignupId::from_uuid(id)).await?;
        if before.state != SignupState::WaitingProof {
            return Ok(None);
        }
        match terms.rules.once_proved() {
            SignupState::Accepted => match self.accept(&before, None, terms).await {
                Err(StoreError::KeyTaken | StoreError::HostTaken) => {
                    self.refuse(before.id, None, Some(KEY_GONE)).await?;
                }
                accepted => accepted?,
            },
            state => {
                sqlx::query!(
                    "UPDATE gateway.signup SET state = $2, expires_at = now() + make_interval(secs => $3) WHERE id = $1",
                    id,
                    state.as_str(),
                    terms.approval_lasts.as_secs_f64()
                )
                .execute(&mut *self.tx)
                .await?;
            }
        }
        // After the move: what waits for its proof has none.
        sqlx::query!("UPDATE gateway.signup SET proved_at = now() WHERE id = $1", id).execute(&mut *self.tx).await?;
        let after = self.written_signup(before.id).await?;
        Ok(Some((before, after)))
    }

    /// Lets another token prove the address of a signup that waits for that; the one before no longer does. Says whether
    /// it waits.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn renew_proof(&mut self, id: SignupId, proof_hash: [u8; 32]) -> Result<bool, StoreError> {
        let renewed = sqlx::query!(
            "UPDATE gateway.signup SET proof_hash = $2 WHERE id = $1 AND state = 'waiting_proof' AND expires_at > now()",
            id.as_uuid(),
            proof_hash.as_slice()
        );
        Ok(renewed.execute(&mut *self.tx).await?.rows_affected() == 1)
    }

    /// Accepts a signup that waits for approval, which makes its tenant; gives it as it was and as it is. `None` when there
    /// is none.
    ///
    /// # Errors
    /// [`StoreError::SignupNotWaiting`], [`StoreError::KeyTaken`], [`StoreError::HostTaken`].
    pub async fn approve_signup(
        &mut self,
        id: SignupId,
        terms: &SignupTerms,
    ) -> Result<Option<(SignupRecord, SignupRecord)>, StoreError> {
        let Some(before) = self.lock_signup(id).await? else { return Ok(None) };
        if before.state != SignupState::WaitingApproval {
            return Err(StoreError::SignupNotWaiting(before.state));
        }
        let by = self.terms.by.actor.clone();
        self.accept(&before, Some(&by), terms).await?;
        let after = self.written_signup(id).await?;
        Ok(Some((before, after)))
    }

    /// Refuses a signup that waits, be it for its proof; gives it as it was and as it is. `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::SignupNotWaiting`].
    pub async fn refuse_signup(
        &mut self,
        id: SignupId,
        reason: Option<&str>,
    ) -> Result<Option<(SignupRecord, SignupRecord)>, StoreError> {
        let Some(before) = self.lock_signup(id).await? else { return Ok(None) };
        if !before.state.is_waiting() {
            return Err(StoreError::SignupNotWaiting(before.state));
        }
        let by = self.terms.by.actor.clone();
        self.refuse(id, Some(&by), reason).await?;
        let after = self.written_signup(id).await?;
        Ok(Some((before, after)))
    }

    /// Hands over what the signup of a tenant left for its app, and erases it. `None` when there is nothing, or no longer.
    ///
    /// # Errors
    /// [`StoreError`] of the statement.
    pub async fn take_first_user(&mut self, tenant: TenantId) -> Result<Option<HandedOver>, StoreError> {
        let row = sqlx::query!(
            r#"
            WITH found AS (SELECT id, first_user_sealed FROM gateway.signup
                            WHERE tenant_id = $1 AND first_user_taken_at IS NULL
                              AND (first_user_sealed IS NOT NULL OR email IS NOT NULL) FOR UPDATE)
            UPDATE gateway.signup s SET first_user_sealed = NULL, first_user_taken_at = now() FROM found WHERE s.id = found.id
            RETURNING s.id, s.email, s.proved_at IS NOT NULL AS "proved!", s.contact_name, s.contact_phone,
                      found.first_user_sealed AS "first_user?"
            "#,
            tenant.as_uuid()
        )
        .fetch_optional(&mut *self.tx)
        .await?;
        Ok(row.map(|row| HandedOver {
            signup: SignupId::from_uuid(row.id),
            email: row.email,
            proved: row.proved,
            contact_name: row.contact_name,
            contact_phone: row.contact_phone,
            first_user: row.first_user.map(Sealed::from_stored),
        }))
    }

    /// Writes the tenant of a signup. A refusal of the row leaves the change as it was.
    async fn admit(
        &mut self,
        key: &TenantKey,
        company_name: &CompanyName,
        terms: &SignupTerms,
    ) -> Result<TenantId, StoreError> {
        let (key, company_name) = (key.clone(), company_name.clone());
        let new = NewTenant { key, company_name, tier: terms.tier, host: None, pool_id: None, plan: None };
        let mut labels = BTreeMap::new();
        terms.labels.apply(&mut labels)?;
        let mut tx = self.tx.begin().await?;
        let tenant = tenants::insert(&mut tx, &new).await?;
        if !labels.is_empty() {
            let labels = Json(&labels) as Json<&BTreeMap<String, String>>;
            sqlx::query!("UPDATE gateway.tenant SET labels = $2 WHERE id = $1", tenant.id.as_uuid(), labels as _)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(tenant.id)
    }

    async fn accept(&mut self, signup: &SignupRecord, by: Option<&str>, terms: &SignupTerms) -> Result<(), StoreError> {
        let unknown = |column| StoreError::Inconsistent { table: "signup", column, row: signup.id.to_string() };
        let key = TenantKey::parse(&signup.key).map_err(|_| unknown("key"))?;
        let company_name = CompanyName::parse(&signup.company_name).map_err(|_| unknown("company_name"))?;
        let tenant = self.admit(&key, &company_name, terms).await?;
        sqlx::query!(
            "UPDATE gateway.signup SET state = 'accepted', tenant_id = $2, decided_by = $3 WHERE id = $1",
            signup.id.as_uuid(),
            tenant.as_uuid(),
            by
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    async fn refuse(&mut self, id: SignupId, by: Option<&str>, reason: Option<&str>) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE gateway.signup SET state = 'refused', first_user_sealed = NULL, decided_by = $2, reason = $3 WHERE id = $1",
            id.as_uuid(),
            by,
            reason
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    async fn lock_signup(&mut self, id: SignupId) -> Result<Option<SignupRecord>, StoreError> {
        let locked: Option<Uuid> =
            sqlx::query_scalar!("SELECT id FROM gateway.signup WHERE id = $1 FOR UPDATE", id.as_uuid())
                .fetch_optional(&mut *self.tx)
                .await?;
        match locked {
            Some(_) => Ok(Some(self.written_signup(id).await?)),
            None => Ok(None),
        }
    }

    async fn written_signup(&mut self, id: SignupId) -> Result<SignupRecord, StoreError> {
        let found = find(&mut *self.tx, &SignupFilter::of_id(id)).await?;
        let unknown = || StoreError::Inconsistent { table: "signup", column: "id", row: id.to_string() };
        found.into_iter().next().ok_or_else(unknown)
    }
}

/// To a stranger a key is to be had or not.
fn as_unavailable(error: StoreError) -> StoreError {
    match error {
        StoreError::KeyTaken | StoreError::HostTaken => StoreError::KeyUnavailable,
        other => other,
    }
}
