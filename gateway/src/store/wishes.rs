//! What people may want of a tenant. Each is one change of its row; triggers turn it into an operation that is due now.

use uuid::Uuid;

use crate::domain::ids::PoolId;
use crate::domain::operation::OperationState;
use crate::domain::status::Status;
use crate::domain::tenant::Tier;
use crate::store::StoreError;
use crate::store::change::Change;
use crate::store::places::require_room;
use crate::store::tenants::{TenantRecord, TenantRef, Transaction, as_left};

/// What is wanted of a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Its host answers 503.
    Suspend,
    /// It is served again; also tries a failed one again.
    Reactivate,
    /// Out of service, its data kept for the grace.
    Delete {
        /// Also while it serves its users.
        even_active: bool,
        /// Without the grace.
        purge: bool,
    },
    /// A deletion whose grace is not over is taken back.
    Undelete,
    /// What failed or waits is tried at once.
    Retry,
    /// The work that is open ends; the tenant stays as it is until a retry.
    Cancel,
    /// A new password for the app's database login.
    Rotate,
    /// Another shared pool.
    Move(PoolId),
    /// The worker leaves it alone, or no longer does.
    Pause(bool),
}

impl Wish {
    /// The state it leads to.
    const fn goal(self) -> Status {
        match self {
            Self::Suspend => Status::Suspended,
            Self::Delete { .. } => Status::Deleting,
            Self::Cancel => Status::Error,
            Self::Reactivate | Self::Undelete | Self::Retry | Self::Rotate | Self::Move(_) | Self::Pause(_) => {
                Status::Pending
            }
        }
    }

    /// What is done to the tenant, as the end of a sentence.
    const fn participle(self) -> &'static str {
        match self {
            Self::Suspend => "suspended",
            Self::Reactivate => "reactivated",
            Self::Delete { .. } => "deleted",
            Self::Undelete => "undeleted",
            Self::Retry => "retried",
            Self::Cancel => "cancelled",
            Self::Rotate => "given other credentials",
            Self::Move(_) => "moved",
            Self::Pause(true) => "paused",
            Self::Pause(false) => "resumed",
        }
    }

    /// Whether this can be wished of a tenant.
    ///
    /// # Errors
    /// [`StoreError::Unfit`], [`StoreError::NothingToRetry`], [`StoreError::NotShared`].
    pub(super) fn check(self, facts: &Facts) -> Result<(), StoreError> {
        let from = facts.status;
        let hastened = matches!((self, from), (Self::Delete { purge: true, .. }, Status::Deleting));
        if !self.fits(from, facts.was_active) && !hastened {
            return Err(match self {
                Self::Retry => StoreError::NothingToRetry(from),
                _ => StoreError::Unfit { from, wish: self.participle() },
            });
        }
        match self {
            Self::Retry if matches!(facts.latest, None | Some(OperationState::Succeeded)) => {
                Err(StoreError::NothingToRetry(from))
            }
            Self::Move(_) if facts.tier == Tier::Dedicated => Err(StoreError::NotShared),
            _ => Ok(()),
        }
    }

    /// Whether a tenant in this state can be wished so. Narrower than the transition table: a wish is never an accident.
    const fn fits(self, from: Status, was_active: bool) -> bool {
        match self {
            // Also while a repair is under way, or what was asked for failed: its users are served all the same.
            Self::Suspend => was_active && from.may_become(Status::Suspended),
            Self::Reactivate => matches!(from, Status::Suspended | Status::Error),
            Self::Delete { even_active: true, .. } => from.may_become(Status::Deleting),
            Self::Delete { even_active: false, .. } => {
                from.may_become(Status::Deleting) && !matches!(from, Status::Active)
            }
            Self::Undelete => matches!(from, Status::Deleting),
            Self::Retry => !matches!(from, Status::Provisioning | Status::Active | Status::Deleted),
            Self::Cancel => matches!(from, Status::Pending | Status::Provisioning),
            Self::Rotate | Self::Move(_) => {
                matches!(from, Status::Active | Status::Suspended | Status::Pending | Status::Provisioning)
            }
            Self::Pause(_) => !matches!(from, Status::Deleted),
        }
    }
}

impl Change {
    /// Wishes something of a tenant and gives it as it was and as the wish leaves it. `None` when there is no such tenant.
    /// Wishing what is so already is refused like any other move that cannot be, except pausing, a pool it is in already,
    /// which changes nothing, and a purge of what is being deleted.
    ///
    /// # Errors
    /// [`StoreError::Unfit`], [`StoreError::NothingToRetry`], [`StoreError::NoSuchPool`],
    /// [`StoreError::NotShared`], [`StoreError::PoolClosed`], [`StoreError::PoolFull`], [`StoreError::Outdated`].
    pub async fn wish(
        &mut self,
        which: &TenantRef,
        wish: Wish,
    ) -> Result<Option<(TenantRecord, TenantRecord)>, StoreError> {
        let Some(before) = self.lock(which).await? else { return Ok(None) };
        if let Wish::Move(pool) = wish
            && !self.terms.reach.holds(before.id, Some(pool.as_uuid()))
        {
            return Err(StoreError::NoSuchPool);
        }
        let id = before.id.as_uuid();
        grant(&mut self.tx, id, wish).await?;
        let after = as_left(&mut self.tx, id).await?;
        Ok(Some((before, after)))
    }
}

/// What decides whether something can be wished of a tenant.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    /// The tenant.
    pub(super) id: Uuid,
    /// The state it is in.
    pub(super) status: Status,
    /// How it is served.
    pub(super) tier: Tier,
    /// Whether a wish about it was ever made true.
    pub(super) was_active: bool,
    /// How its latest operation stands.
    pub(super) latest: Option<OperationState>,
}

/// The facts about tenants, in no order; those that are not there are left out.
pub(super) async fn facts_of(tx: &mut Transaction<'_>, tenants: &[Uuid]) -> Result<Vec<Facts>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT t.id AS "id!", t.status AS "status!", t.tier AS "tier!", t.observed_generation > 0 AS "was_active!",
               o.state AS "latest?"
          FROM gateway.tenant t
          LEFT JOIN LATERAL (SELECT state FROM gateway.operation
                              WHERE tenant_id = t.id ORDER BY created_at DESC, id DESC LIMIT 1) o ON true
         WHERE t.id = ANY ($1)
        "#,
        tenants
    )
    .fetch_all(&mut **tx)
    .await?;
    let facts = rows.into_iter().map(|row| {
        let unknown = |column| StoreError::Inconsistent { table: "tenant", column, row: row.id.to_string() };
        Ok(Facts {
            id: row.id,
            status: Status::parse(&row.status).ok_or_else(|| unknown("status"))?,
            tier: Tier::parse(&row.tier).ok_or_else(|| unknown("tier"))?,
            was_active: row.was_active,
            latest: row.latest.as_deref().and_then(OperationState::parse),
        })
    });
    facts.collect()
}

/// Writes a wish about a tenant that this transaction has locked.
pub(super) async fn grant(tx: &mut Transaction<'_>, id: Uuid, wish: Wish) -> Result<(), StoreError> {
    let facts = facts_of(tx, &[id]).await?.pop().ok_or(StoreError::NoSuchTenant)?;
    wish.check(&facts)?;
    write(tx, id, wish).await
}

async fn write(tx: &mut Transaction<'_>, id: Uuid, wish: Wish) -> Result<(), StoreError> {
    match wish {
        Wish::Suspend | Wish::Reactivate | Wish::Undelete | Wish::Cancel => {
            sqlx::query!("UPDATE gateway.tenant SET status = $2 WHERE id = $1", id, wish.goal().as_str())
                .execute(&mut **tx)
                .await?;
        }
        Wish::Delete { purge, .. } => {
            // What waits out its grace goes at once; what is still being withdrawn goes after that.
            sqlx::query!(
                "UPDATE gateway.tenant
                    SET status = CASE WHEN $2 AND status = 'deleting' AND due_at IS NULL AND observed_generation = generation THEN 'purging' ELSE 'deleting' END,
                        purge_at = CASE WHEN $2 THEN now() ELSE purge_at END,
                        reason = CASE WHEN $2 THEN 'asked for without the grace' ELSE reason END, repair = false
                  WHERE id = $1",
                id,
                purge
            )
            .execute(&mut **tx)
            .await?;
        }
        Wish::Retry => {
            // Where its last operation failed for good, that opens the one its state implies.
            sqlx::query!("UPDATE gateway.tenant SET due_at = now(), attempt = 0 WHERE id = $1", id)
                .execute(&mut **tx)
                .await?;
        }
        Wish::Rotate => {
            sqlx::query!("UPDATE gateway.tenant SET credentials = credentials + 1 WHERE id = $1", id)
                .execute(&mut **tx)
                .await?;
        }
        Wish::Move(pool) => {
            let is_there = sqlx::query_scalar!(
                r#"SELECT coalesce(pool_id = $2, false) AS "there!" FROM gateway.tenant WHERE id = $1"#,
                id,
                pool.as_uuid()
            );
            // It needs no room there: it has it.
            if is_there.fetch_one(&mut **tx).await? {
                return Ok(());
            }
            require_room(tx, pool).await?;
            let moved = sqlx::query!(
                "UPDATE gateway.tenant SET pool_id = $2 WHERE id = $1 AND tier = 'shared'",
                id,
                pool.as_uuid()
            );
            if moved.execute(&mut **tx).await?.rows_affected() == 0 {
                return Err(StoreError::NotShared);
            }
        }
        Wish::Pause(paused) => {
            sqlx::query!("UPDATE gateway.tenant SET paused = $2 WHERE id = $1", id, paused).execute(&mut **tx).await?;
        }
    }
    Ok(())
}
