//! Shared pools as people see them: make, change and remove them.

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use sqlx::PgExecutor;
use url::Url;
use uuid::Uuid;

use crate::domain::ids::PoolId;
use crate::domain::pool::{Image, ManagedSpec, PoolState};
use crate::store::change::Change;
use crate::store::places::{DEFAULT_PLACE, take_turn};
use crate::store::pool_environment::{SealedVariables, VariableEdits};
use crate::store::{Store, StoreError};

/// A shared pool and how much it is used.
#[derive(Clone, Debug)]
pub struct PoolRecord {
    /// Its id.
    pub id: PoolId,
    /// Its name, part of the name of its Traefik service.
    pub name: String,
    /// Where its members answer; none where none of a managed pool's does.
    pub members: Vec<String>,
    /// Members that answered when they were last asked.
    pub healthy_members: i64,
    /// What the gateway runs of it; `None` where somebody else runs its members.
    pub managed: Option<ManagedRecord>,
    /// Whether it takes tenants and serves those it has.
    pub state: PoolState,
    /// Tenants it takes at most.
    pub capacity: Option<i32>,
    /// New tenants go where tenants divided by this are fewest.
    pub weight: i32,
    /// Tenants in it that are not deleted.
    pub tenants: i64,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What the gateway runs of a pool, and how far the work on it is.
#[derive(Clone, Debug)]
pub struct ManagedRecord {
    /// What its containers are made from.
    pub spec: ManagedSpec,
    /// Names of the variables in their environment.
    pub variables: Vec<String>,
    /// Counts wishes.
    pub revision: i64,
    /// The wish that was last made true.
    pub observed_revision: i64,
    /// Code and sentence of the last attempt where it failed.
    pub problem: Option<(String, String)>,
    /// Whether a worker has it or will take it by itself.
    pub is_open: bool,
}

impl PoolRecord {
    /// Whether the settings say where it is.
    #[must_use]
    pub fn is_of_settings(&self) -> bool {
        self.name == DEFAULT_PLACE
    }
}

/// What pool to make.
#[derive(Clone, Debug)]
pub struct NewPool {
    /// Its identity, which its secrets are sealed for.
    pub id: PoolId,
    /// Its name.
    pub name: String,
    /// Who runs its members.
    pub backing: Backing,
    /// Tenants it takes at most.
    pub capacity: Option<i32>,
    /// Its weight.
    pub weight: i32,
}

/// Who runs the members of a new pool.
#[derive(Clone, Debug)]
pub enum Backing {
    /// Somebody else; where they answer, at least one.
    Members(Vec<Url>),
    /// The gateway.
    Containers(ManagedSpec, SealedVariables),
}

/// What to change of a pool; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct PoolEdit {
    /// Where its members answer; at least one.
    pub members: Option<Vec<Url>>,
    /// Tenants it takes at most; `Some(None)` for any number.
    pub capacity: Option<Option<i32>>,
    /// Its weight.
    pub weight: Option<i32>,
    /// Its state.
    pub state: Option<PoolState>,
    /// What its containers are made from.
    pub managed: ManagedEdit,
}

/// What to change of the containers of a pool; `None` leaves it as it is, `Some(None)` leaves it to the settings.
#[derive(Clone, Debug, Default)]
pub struct ManagedEdit {
    /// What they run.
    pub image: Option<Image>,
    /// The port it listens on.
    pub port: Option<Option<u16>>,
    /// How many there are.
    pub replicas: Option<u8>,
    /// Memory of each in MiB.
    pub memory_mib: Option<Option<i32>>,
    /// CPUs of each.
    pub cpus: Option<Option<f64>>,
    /// Processes of each.
    pub pids: Option<Option<i32>>,
    /// Variables to set and, without a value, to remove.
    pub environment: VariableEdits,
    /// Replace all of them.
    pub restart: bool,
    /// Make everything so again now, changed or not.
    pub again: bool,
}

impl ManagedEdit {
    fn is_empty(&self) -> bool {
        let Self { image, port, replicas, memory_mib, cpus, pids, environment, restart, again } = self;
        let is_left = image.is_none() && port.is_none() && replicas.is_none() && memory_mib.is_none();
        is_left && cpus.is_none() && pids.is_none() && environment.is_empty() && !restart && !again
    }

    fn apply(&self, spec: ManagedSpec) -> ManagedSpec {
        ManagedSpec {
            image: self.image.clone().unwrap_or(spec.image),
            port: self.port.unwrap_or(spec.port),
            replicas: self.replicas.unwrap_or(spec.replicas),
            memory_mib: self.memory_mib.unwrap_or(spec.memory_mib),
            cpus: self.cpus.unwrap_or(spec.cpus),
            pids: self.pids.unwrap_or(spec.pids),
        }
    }
}

/// A pool named by id or by name.
#[derive(Clone, Debug)]
pub enum PoolRef {
    /// By id.
    Id(PoolId),
    /// By name.
    Name(String),
}

impl PoolRef {
    /// Reads a path segment: a UUID is an id, anything else a name.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Uuid::try_parse(text).map_or_else(|_| Self::Name(text.to_owned()), |id| Self::Id(PoolId::from_uuid(id)))
    }

    fn parts(&self) -> (Option<Uuid>, Option<&str>) {
        match self {
            Self::Id(id) => (Some(id.as_uuid()), None),
            Self::Name(name) => (None, Some(name)),
        }
    }
}

async fn find(
    executor: impl PgExecutor<'_>,
    which: Option<&PoolRef>,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<PoolRecord>, StoreError> {
    let (id, name) = which.map_or((None, None), PoolRef::parts);
    let rows = sqlx::query!(
        r#"
        SELECT p.id AS "id!", p.name AS "name!", p.state AS "state!", p.capacity, p.weight AS "weight!", p.backend_url,
               p.further_urls AS "further_urls!", p.created_at AS "created_at!: SqlTimestamp",
               (SELECT count(*) FROM gateway.tenant t WHERE t.pool_id = p.id AND t.status <> 'deleted') AS "tenants!",
               (SELECT count(*) FROM gateway.pool_member m
                 WHERE m.pool_id = p.id AND m.state = 'healthy'
                   AND (m.place IS NOT NULL OR m.url = p.backend_url OR m.url = ANY (p.further_urls))) AS "healthy!",
               g.image AS "image?", g.port AS "port?", g.replicas AS "replicas?", g.memory_mib AS "memory_mib?", g.cpus AS "cpus?",
               g.pids AS "pids?", g.revision AS "revision?", g.observed_revision AS "observed_revision?",
               g.error_code AS "error_code?", g.error_message AS "error_message?",
               (g.due_at IS NOT NULL OR g.lease_token IS NOT NULL) AS "open!",
               ARRAY(SELECT e.name FROM gateway.pool_environment e WHERE e.pool_id = p.id ORDER BY e.name) AS "variables!"
          FROM gateway.shared_pool p LEFT JOIN gateway.managed_pool g ON g.pool_id = p.id
         WHERE ($1::uuid IS NULL OR p.id = $1) AND ($2::text IS NULL OR p.name = $2) AND ($3::text IS NULL OR p.name > $3)
         ORDER BY p.name LIMIT $4
        "#,
        id,
        name,
        after,
        i64::from(limit)
    )
    .fetch_all(executor)
    .await?;
    let records = rows.into_iter().map(|row| {
        let unknown = |column| StoreError::Inconsistent { table: "shared_pool", column, row: row.name.clone() };
        let managed = match (row.image, row.replicas, row.revision, row.observed_revision) {
            (Some(image), Some(replicas), Some(revision), Some(observed_revision)) => Some(ManagedRecord {
                spec: ManagedSpec {
                    image: Image::parse(&image).ok_or_else(|| unknown("image"))?,
                    port: row.port.map(|port| u16::try_from(port).map_err(|_| unknown("port"))).transpose()?,
                    replicas: u8::try_from(replicas).map_err(|_| unknown("replicas"))?,
                    memory_mib: row.memory_mib,
                    cpus: row.cpus,
                    pids: row.pids,
                },
                variables: row.variables,
                revision,
                observed_revision,
                problem: row.error_code.zip(row.error_message),
                is_open: row.open,
            }),
            _ => None,
        };
        Ok(PoolRecord {
            id: PoolId::from_uuid(row.id),
            members: row.backend_url.into_iter().chain(row.further_urls).collect(),
            healthy_members: row.healthy,
            managed,
            state: PoolState::parse(&row.state).ok_or_else(|| unknown("state"))?,
            name: row.name,
            capacity: row.capacity,
            weight: row.weight,
            tenants: row.tenants,
            created_at: row.created_at.to_jiff(),
        })
    });
    records.collect()
}

/// The first member, and the others.
fn columns(members: &[Url]) -> (Option<&str>, Vec<String>) {
    let further = members.iter().skip(1).map(|url| url.as_str().to_owned()).collect();
    (members.first().map(Url::as_str), further)
}

impl Store {
    /// A page of pools, by name, after one.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn list_pools(&self, after: Option<&str>, limit: u32) -> Result<Vec<PoolRecord>, StoreError> {
        find(&self.pool, None, after, limit).await
    }

    /// One pool; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn pool(&self, which: &PoolRef) -> Result<Option<PoolRecord>, StoreError> {
        Ok(find(&self.pool, Some(which), None, 1).await?.into_iter().next())
    }
}

impl Change {
    /// Makes a pool. A worker is woken for one whose containers the gateway runs.
    ///
    /// # Errors
    /// [`StoreError::PoolNameTaken`].
    pub async fn create_pool(&mut self, new: &NewPool) -> Result<PoolRecord, StoreError> {
        let (first, further) = match &new.backing {
            Backing::Members(members) => columns(members),
            Backing::Containers(..) => (None, Vec::new()),
        };
        let id = new.id.as_uuid();
        sqlx::query!(
            "INSERT INTO gateway.shared_pool (id, name, backend_url, further_urls, capacity, weight) VALUES ($1, $2, $3, $4, $5, $6)",
            id,
            new.name,
            first,
            &further,
            new.capacity,
            new.weight
        )
        .execute(&mut *self.tx)
        .await?;
        if let Backing::Containers(spec, variables) = &new.backing {
            sqlx::query!(
                "INSERT INTO gateway.managed_pool (pool_id, image, port, replicas, memory_mib, cpus, pids) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                id,
                spec.image.as_str(),
                spec.port.map(i32::from),
                i32::from(spec.replicas),
                spec.memory_mib,
                spec.cpus,
                spec.pids
            )
            .execute(&mut *self.tx)
            .await?;
            let edits = variables.iter().map(|(name, sealed)| (name.clone(), Some(sealed.clone()))).collect();
            self.edit_variables(new.id, &edits).await?;
        }
        self.written_pool(&new.name).await
    }

    /// Changes a pool. Where it is and whether it serves, the tenant port learns at once, and a look for drift leads Traefik
    /// there. What its containers are made from, a worker makes true. Gives the pool as it was and as it is; `None` when
    /// there is none.
    ///
    /// # Errors
    /// [`StoreError::PoolOfSettings`] for other members of a pool whose place is a setting; [`StoreError::PoolManaged`] and
    /// [`StoreError::PoolNotManaged`] for what only pools of the other kind have; [`StoreError::PoolDeleting`].
    pub async fn edit_pool(
        &mut self,
        which: &PoolRef,
        edit: &PoolEdit,
    ) -> Result<Option<(PoolRecord, PoolRecord)>, StoreError> {
        let Some(before) = self.lock_pool(which).await? else { return Ok(None) };
        if before.state == PoolState::Deleting {
            return Err(StoreError::PoolDeleting);
        }
        if before.managed.is_some() && edit.members.is_some() {
            return Err(StoreError::PoolManaged);
        }
        if before.is_of_settings() && edit.members.is_some() {
            return Err(StoreError::PoolOfSettings);
        }
        let id = before.id.as_uuid();
        let (first, further) = columns(edit.members.as_deref().unwrap_or_default());
        sqlx::query!(
            "UPDATE gateway.shared_pool
                SET backend_url = coalesce($2, backend_url), further_urls = CASE WHEN $2::text IS NULL THEN further_urls ELSE $3 END,
                    capacity = CASE WHEN $4 THEN $5 ELSE capacity END, weight = coalesce($6, weight), state = coalesce($7, state)
              WHERE id = $1",
            id,
            first,
            &further,
            edit.capacity.is_some(),
            edit.capacity.flatten(),
            edit.weight,
            edit.state.map(PoolState::as_str)
        )
        .execute(&mut *self.tx)
        .await?;
        if !edit.managed.is_empty() {
            self.edit_containers(&before, &edit.managed).await?;
        }
        let after = self.written_pool(&before.name).await?;
        if before.members != after.members || before.state != after.state {
            self.lead_elsewhere(before.id).await?;
        }
        Ok(Some((before, after)))
    }

    async fn edit_containers(&mut self, pool: &PoolRecord, edit: &ManagedEdit) -> Result<(), StoreError> {
        let managed = pool.managed.as_ref().ok_or(StoreError::PoolNotManaged)?;
        let spec = edit.apply(managed.spec.clone());
        let is_changed = self.edit_variables(pool.id, &edit.environment).await?;
        sqlx::query!(
            "UPDATE gateway.managed_pool
                SET image = $2, port = $3, replicas = $4, memory_mib = $5, cpus = $6, pids = $7,
                    restarts = restarts + CASE WHEN $8 THEN 1 ELSE 0 END, revision = revision + CASE WHEN $9 THEN 1 ELSE 0 END
              WHERE pool_id = $1",
            pool.id.as_uuid(),
            spec.image.as_str(),
            spec.port.map(i32::from),
            i32::from(spec.replicas),
            spec.memory_mib,
            spec.cpus,
            spec.pids,
            edit.restart,
            edit.again || is_changed
        )
        .execute(&mut *self.tx)
        .await?;
        Ok(())
    }

    /// Tells the tenant port, and asks for the look that leads Traefik there.
    async fn lead_elsewhere(&mut self, pool: PoolId) -> Result<(), StoreError> {
        sqlx::query!("INSERT INTO gateway.job (kind) VALUES ('reconcile')").execute(&mut *self.tx).await?;
        sqlx::query!("SELECT pg_notify('gateway_tenant', $1)", pool.to_string()).fetch_one(&mut *self.tx).await?;
        Ok(())
    }

    /// Removes a pool that nobody is in. One whose containers the gateway runs goes when a worker has taken them away. Gives
    /// it as it was, and as it is where it is still there; `None` when there is none.
    ///
    /// # Errors
    /// [`StoreError::PoolInUse`], [`StoreError::PoolOfSettings`].
    pub async fn delete_pool(
        &mut self,
        which: &PoolRef,
    ) -> Result<Option<(PoolRecord, Option<PoolRecord>)>, StoreError> {
        let Some(before) = self.lock_pool(which).await? else { return Ok(None) };
        if before.is_of_settings() {
            return Err(StoreError::PoolOfSettings);
        }
        let id = before.id.as_uuid();
        let used =
            sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM gateway.tenant t WHERE t.pool_id = $1) AS "used!""#, id);
        if used.fetch_one(&mut *self.tx).await? {
            return Err(StoreError::PoolInUse);
        }
        if before.managed.is_some() {
            sqlx::query!("UPDATE gateway.shared_pool SET state = 'deleting' WHERE id = $1 AND state <> 'deleting'", id)
                .execute(&mut *self.tx)
                .await?;
            let after = self.written_pool(&before.name).await?;
            return Ok(Some((before, Some(after))));
        }
        sqlx::query!("DELETE FROM gateway.shared_pool WHERE id = $1", id).execute(&mut *self.tx).await?;
        sqlx::query!("INSERT INTO gateway.job (kind) VALUES ('reconcile')").execute(&mut *self.tx).await?;
        Ok(Some((before, None)))
    }

    /// Waits for allocations that are choosing a pool, too.
    async fn lock_pool(&mut self, which: &PoolRef) -> Result<Option<PoolRecord>, StoreError> {
        take_turn(&mut self.tx).await?;
        let (id, name) = which.parts();
        let locked = sqlx::query_scalar!(
            "SELECT id FROM gateway.shared_pool WHERE ($1::uuid IS NULL OR id = $1) AND ($2::text IS NULL OR name = $2) FOR UPDATE",
            id,
            name
        );
        if locked.fetch_optional(&mut *self.tx).await?.is_none() {
            return Ok(None);
        }
        Ok(find(&mut *self.tx, Some(which), None, 1).await?.into_iter().next())
    }

    async fn written_pool(&mut self, name: &str) -> Result<PoolRecord, StoreError> {
        let which = PoolRef::Name(name.to_owned());
        let found = find(&mut *self.tx, Some(&which), None, 1).await?;
        let unknown = || StoreError::Inconsistent { table: "shared_pool", column: "name", row: name.to_owned() };
        found.into_iter().next().ok_or_else(unknown)
    }
}
