//! Plans: make, change and remove them.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use sqlx::PgExecutor;

use crate::domain::plan::{NewPlan, PlanEdit, PlanLimits, PlanName, PlanNetwork};
use crate::domain::tenant::Tier;
use crate::domain::version::Version;
use crate::store::change::Change;
use crate::store::{Store, StoreError};

/// A plan and how much it is used.
#[derive(Clone, Debug)]
pub struct PlanRecord {
    /// Its name.
    pub name: String,
    /// What people read.
    pub title: String,
    /// Only tenants served so may have it.
    pub tier: Option<Tier>,
    /// Its limits.
    pub limits: PlanLimits,
    /// What network its tenants have.
    pub network: PlanNetwork,
    /// What its entity tag is made of.
    pub version: Version,
    /// Tenants with it that are not deleted.
    pub tenants: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

async fn find(
    executor: impl PgExecutor<'_>,
    name: Option<&str>,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<PlanRecord>, StoreError> {
    let rows = sqlx::query!(
        r#"
        SELECT p.name, p.title, p.tier, p.connection_limit, p.statement_timeout_seconds, p.idle_in_transaction_timeout_seconds,
               p.memory_mib, p.cpus, p.pids, p.network, p.revision, p.created_at AS "created_at: SqlTimestamp",
               p.updated_at AS "updated_at: SqlTimestamp",
               (SELECT count(*) FROM gateway.tenant t WHERE t.plan = p.name AND t.status <> 'deleted') AS "tenants!"
          FROM gateway.plan p
         WHERE ($1::text IS NULL OR p.name = $1) AND ($2::text IS NULL OR p.name > $2)
         ORDER BY p.name LIMIT $3
        "#,
        name,
        after,
        i64::from(limit)
    )
    .fetch_all(executor)
    .await?;
    let records = rows.into_iter().map(|row| {
        let unknown = |column| StoreError::Inconsistent { table: "plan", column, row: row.name.clone() };
        let tier = row.tier.as_deref().map(|word| Tier::parse(word).ok_or_else(|| unknown("tier")));
        Ok(PlanRecord {
            tier: tier.transpose()?,
            network: PlanNetwork::parse(&row.network).ok_or_else(|| unknown("network"))?,
            name: row.name,
            title: row.title,
            limits: PlanLimits {
                connections: row.connection_limit,
                statement_timeout_seconds: row.statement_timeout_seconds,
                idle_in_transaction_timeout_seconds: row.idle_in_transaction_timeout_seconds,
                memory_mib: row.memory_mib,
                cpus: row.cpus,
                pids: row.pids,
            },
            version: Version { generation: 0, revision: row.revision },
            tenants: row.tenants,
            created_at: row.created_at.to_jiff(),
            updated_at: row.updated_at.to_jiff(),
        })
    });
    records.collect()
}

impl Store {
    /// A page of plans, by name, after one.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn list_plans(&self, after: Option<&str>, limit: u32) -> Result<Vec<PlanRecord>, StoreError> {
        find(&self.pool, None, after, limit).await
    }

    /// One plan; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn plan(&self, name: &PlanName) -> Result<Option<PlanRecord>, StoreError> {
        Ok(find(&self.pool, Some(name.as_str()), None, 1).await?.into_iter().next())
    }
}

impl Change {
    /// Makes a plan.
    ///
    /// # Errors
    /// [`StoreError::PlanNameTaken`], [`StoreError::PlanNetworkUnfit`].
    pub async fn create_plan(&mut self, new: &NewPlan) -> Result<PlanRecord, StoreError> {
        let limits = &new.limits;
        sqlx::query!(
            "INSERT INTO gateway.plan (name, title, tier, connection_limit, statement_timeout_seconds,
                                       idle_in_transaction_timeout_seconds, memory_mib, cpus, pids, network)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            new.name.as_str(),
            new.title,
            new.tier.map(Tier::as_str),
            limits.connections,
            limits.statement_timeout_seconds,
            limits.idle_in_transaction_timeout_seconds,
            limits.memory_mib,
            limits.cpus,
            limits.pids,
            new.network.as_str()
        )
        .execute(&mut *self.tx)
        .await?;
        self.written_plan(new.name.as_str()).await
    }

    /// Changes a plan. Where its limits or its network change, a trigger has the work of its tenants done again. Gives the
    /// plan as it was and as it is; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::Outdated`], [`StoreError::PlanNetworkUnfit`].
    pub async fn edit_plan(
        &mut self,
        name: &PlanName,
        edit: &PlanEdit,
    ) -> Result<Option<(PlanRecord, PlanRecord)>, StoreError> {
        let Some(before) = self.lock_plan(name).await? else { return Ok(None) };
        let limits = edit.apply(before.limits);
        sqlx::query!(
            "UPDATE gateway.plan
                SET title = coalesce($2, title), connection_limit = $3, statement_timeout_seconds = $4,
                    idle_in_transaction_timeout_seconds = $5, memory_mib = $6, cpus = $7, pids = $8,
                    network = coalesce($9, network)
              WHERE name = $1",
            name.as_str(),
            edit.title,
            limits.connections,
            limits.statement_timeout_seconds,
            limits.idle_in_transaction_timeout_seconds,
            limits.memory_mib,
            limits.cpus,
            limits.pids,
            edit.network.map(PlanNetwork::as_str)
        )
        .execute(&mut *self.tx)
        .await?;
        let after = self.written_plan(name.as_str()).await?;
        Ok(Some((before, after)))
    }

    /// Removes a plan that no tenant has. Gives it as it was; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::PlanInUse`], also for the default one; [`StoreError::Outdated`].
    pub async fn delete_plan(&mut self, name: &PlanName) -> Result<Option<PlanRecord>, StoreError> {
        let Some(before) = self.lock_plan(name).await? else { return Ok(None) };
        let done = sqlx::query!(
            "DELETE FROM gateway.plan p
              WHERE p.name = $1 AND NOT EXISTS (SELECT FROM gateway.tenant t WHERE t.plan = p.name)",
            name.as_str()
        );
        if name.is_default() || done.execute(&mut *self.tx).await?.rows_affected() == 0 {
            return Err(StoreError::PlanInUse);
        }
        Ok(Some(before))
    }

    async fn lock_plan(&mut self, name: &PlanName) -> Result<Option<PlanRecord>, StoreError> {
        let locked = sqlx::query_scalar!("SELECT name FROM gateway.plan WHERE name = $1 FOR UPDATE", name.as_str());
        if locked.fetch_optional(&mut *self.tx).await?.is_none() {
            return Ok(None);
        }
        let found = self.written_plan(name.as_str()).await?;
        self.require_version(found.version)?;
        Ok(Some(found))
    }

    async fn written_plan(&mut self, name: &str) -> Result<PlanRecord, StoreError> {
        let found = find(&mut *self.tx, Some(name), None, 1).await?;
        let unknown = || StoreError::Inconsistent { table: "plan", column: "name", row: name.to_owned() };
        found.into_iter().next().ok_or_else(unknown)
    }
}
