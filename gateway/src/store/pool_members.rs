//! How the members of shared pools are, as workers found them. Written only where that changes.

use std::collections::HashMap;

use jiff::Timestamp;
use jiff_sqlx::Timestamp as SqlTimestamp;
use url::Url;
use uuid::Uuid;

use crate::domain::ids::PoolId;
use crate::domain::pool::{MemberState, PoolState};
use crate::store::managed_pools::PoolClaim;
use crate::store::places::member_url;
use crate::store::{Store, StoreError};

/// The container behind a member of a managed pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberContainer {
    /// Which address of the pool's network it has.
    pub place: u8,
    /// Digest of what it is made from.
    pub spec: String,
    /// The engine's ids of the container and of its image; `None` before it is made.
    pub made: Option<(String, String)>,
}

/// A member of a pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolMember {
    /// Where it answers.
    pub url: Url,
    /// The container; `None` for one that somebody else runs.
    pub container: Option<MemberContainer>,
    /// How it is.
    pub state: MemberState,
    /// Since when; `None` where nobody looked yet.
    pub since: Option<Timestamp>,
}

/// A pool whose members are looked at by the clock.
#[derive(Clone, Debug)]
pub struct WatchedPool {
    /// The pool.
    pub id: PoolId,
    /// Its name.
    pub name: String,
    /// Whether the gateway runs its containers.
    pub is_managed: bool,
    /// Its members as they were last found.
    pub members: Vec<PoolMember>,
}

struct Row {
    pool_id: Uuid,
    pool_name: String,
    url: String,
    place: Option<i32>,
    spec: Option<String>,
    container_id: Option<String>,
    image_id: Option<String>,
    state: Option<String>,
    since: Option<SqlTimestamp>,
}

impl Row {
    /// The member; `None` for one that is no URL.
    fn into_member(self) -> Result<Option<PoolMember>, StoreError> {
        let unknown = |column| StoreError::Inconsistent { table: "pool_member", column, row: self.url.clone() };
        let state = self.state.as_deref().map(|word| MemberState::parse(word).ok_or_else(|| unknown("state")));
        let state = state.transpose()?.unwrap_or(MemberState::Starting);
        let place = self.place.map(|place| u8::try_from(place).map_err(|_| unknown("place"))).transpose()?;
        let Some(url) = member_url(&self.pool_name, &self.url) else { return Ok(None) };
        let container = place.zip(self.spec).map(|(place, spec)| MemberContainer {
            place,
            spec,
            made: self.container_id.zip(self.image_id),
        });
        Ok(Some(PoolMember { url, container, state, since: self.since.map(SqlTimestamp::to_jiff) }))
    }
}

impl Store {
    /// The members of a pool: those of a managed one by place, others in the order given.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn pool_members(&self, pool: PoolId) -> Result<Vec<PoolMember>, StoreError> {
        Ok(self.members_of(&[pool.as_uuid()]).await?.remove(&pool).unwrap_or_default())
    }

    /// The members of each of some pools that has any, in the order of [`Store::pool_members`].
    pub(super) async fn members_of(&self, pools: &[Uuid]) -> Result<HashMap<PoolId, Vec<PoolMember>>, StoreError> {
        let rows = sqlx::query_as!(
            Row,
            r#"
            SELECT u.pool_id AS "pool_id!", u.name AS "pool_name!", u.url AS "url!", m.place AS "place?", m.spec AS "spec?",
                   m.container_id AS "container_id?", m.image_id AS "image_id?", m.state AS "state?", m.since AS "since?: SqlTimestamp"
              FROM (SELECT m.pool_id, p.name, m.url, m.place::bigint AS position
                      FROM gateway.pool_member m JOIN gateway.shared_pool p ON p.id = m.pool_id
                     WHERE m.pool_id = ANY ($1) AND m.place IS NOT NULL
                    UNION ALL
                    SELECT p.id, p.name, e.url, e.position FROM gateway.shared_pool p
                     CROSS JOIN LATERAL unnest(p.backend_url || p.further_urls) WITH ORDINALITY AS e (url, position)
                     WHERE p.id = ANY ($1) AND e.url IS NOT NULL
                       AND NOT EXISTS (SELECT FROM gateway.managed_pool g WHERE g.pool_id = p.id)) u
              LEFT JOIN gateway.pool_member m ON m.pool_id = u.pool_id AND m.url = u.url
             ORDER BY u.pool_id, u.position, u.url
            "#,
            pools
        )
        .fetch_all(&self.pool)
        .await?;
        let mut members: HashMap<PoolId, Vec<PoolMember>> = HashMap::new();
        for row in rows {
            let pool = PoolId::from_uuid(row.pool_id);
            members.entry(pool).or_default().extend(row.into_member()?);
        }
        Ok(members)
    }

    /// The pools whose members are looked at by the clock: those that serve, and of the managed ones those on which nobody
    /// works.
    ///
    /// # Errors
    /// [`StoreError`] of a query.
    pub async fn watched_pools(&self) -> Result<Vec<WatchedPool>, StoreError> {
        let rows = sqlx::query!(
            r#"
            SELECT p.id AS "id!", p.name AS "name!", p.state AS "state!", g.pool_id IS NOT NULL AS "managed!"
              FROM gateway.shared_pool p LEFT JOIN gateway.managed_pool g ON g.pool_id = p.id
             WHERE g.pool_id IS NULL OR (g.due_at IS NULL AND g.lease_token IS NULL)
             ORDER BY p.name
            "#
        )
        .fetch_all(&self.pool)
        .await?;
        let serves = |state: &str| PoolState::parse(state).is_some_and(PoolState::serves);
        let rows: Vec<_> = rows.into_iter().filter(|row| serves(&row.state)).collect();
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let mut members = self.members_of(&ids).await?;
        let pools = rows.into_iter().map(|row| {
            let id = PoolId::from_uuid(row.id);
            let members = members.remove(&id).unwrap_or_default();
            WatchedPool { id, name: row.name, is_managed: row.managed, members }
        });
        Ok(pools.collect())
    }

    /// Writes how members of a pool were found that nobody works on, and forgets those that are in it no longer. Of a
    /// managed pool only members that are there are written, and with a reason for a repair the pool is made due, unless its
    /// last wish was never made true: then somebody has to mend what hinders it.
    ///
    /// # Errors
    /// [`StoreError`] of a statement.
    pub async fn record_watch(
        &self,
        pool: &WatchedPool,
        found: &[(Url, MemberState)],
        repair: Option<&str>,
    ) -> Result<(), StoreError> {
        let urls: Vec<String> = found.iter().map(|(url, _)| url.as_str().to_owned()).collect();
        let states: Vec<String> = found.iter().map(|(_, state)| state.as_str().to_owned()).collect();
        let id = pool.id.as_uuid();
        let mut tx = self.begin().await?;
        if pool.is_managed {
            let idle = sqlx::query_scalar!(
                "SELECT pool_id FROM gateway.managed_pool WHERE pool_id = $1 AND due_at IS NULL AND lease_token IS NULL FOR UPDATE",
                id
            );
            if idle.fetch_optional(&mut *tx).await?.is_none() {
                return Ok(());
            }
            sqlx::query!(
                "UPDATE gateway.pool_member m SET state = f.state, since = now()
                   FROM unnest($2::text[], $3::text[]) AS f (url, state)
                  WHERE m.pool_id = $1 AND m.url = f.url AND m.state <> f.state",
                id,
                &urls,
                &states
            )
            .execute(&mut *tx)
            .await?;
            if let Some(reason) = repair {
                sqlx::query!(
                    "UPDATE gateway.managed_pool SET due_at = now(), reason = $2 WHERE pool_id = $1 AND observed_revision = revision",
                    id,
                    reason
                )
                .execute(&mut *tx)
                .await?;
            }
        } else {
            let there = sqlx::query_scalar!("SELECT id FROM gateway.shared_pool WHERE id = $1 FOR SHARE", id);
            if there.fetch_optional(&mut *tx).await?.is_none() {
                return Ok(());
            }
            sqlx::query!(
                "DELETE FROM gateway.pool_member m USING gateway.shared_pool p
                  WHERE p.id = $1 AND m.pool_id = p.id AND m.place IS NULL AND m.url <> ALL (array_append(p.further_urls, p.backend_url))",
                id
            )
            .execute(&mut *tx)
            .await?;
            sqlx::query!(
                "INSERT INTO gateway.pool_member (pool_id, url, state)
                 SELECT $1, f.url, f.state FROM unnest($2::text[], $3::text[]) AS f (url, state)
                 ON CONFLICT (pool_id, url) DO UPDATE SET state = excluded.state, since = now()
                    WHERE gateway.pool_member.state <> excluded.state",
                id,
                &urls,
                &states
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Gives a member of a managed pool a place before its container is made, or a place that is there another container.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`].
    pub async fn put_member(
        &self,
        claim: &PoolClaim,
        url: &Url,
        container: &MemberContainer,
    ) -> Result<(), StoreError> {
        let (container_id, image_id) = container.made.clone().unzip();
        // The pool before what the gateway runs of it, as those who edit a pool lock them; else both could wait for each other.
        let done = sqlx::query!(
            "INSERT INTO gateway.pool_member (pool_id, url, place, spec, container_id, image_id, state)
             SELECT p.id, $4, $5, $6, $7, $8, 'starting' FROM gateway.shared_pool p JOIN gateway.managed_pool g ON g.pool_id = p.id
              WHERE p.id = $1 AND g.lease_token = $2 AND g.revision = $3 FOR KEY SHARE OF p FOR UPDATE OF g
             ON CONFLICT (pool_id, url) DO UPDATE
                SET spec = excluded.spec, container_id = excluded.container_id, image_id = excluded.image_id, state = 'starting', since = now()",
            claim.pool_id.as_uuid(),
            claim.token.as_uuid(),
            claim.revision,
            url.as_str(),
            i32::from(container.place),
            container.spec,
            container_id,
            image_id
        )
        .execute(&self.pool)
        .await?;
        held(done.rows_affected())
    }

    /// Writes how a member of a managed pool was found by whoever works on the pool.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`], also where it is there no longer.
    pub async fn record_member(&self, claim: &PoolClaim, url: &Url, state: MemberState) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "UPDATE gateway.pool_member m SET state = $5, since = now() FROM gateway.managed_pool g
              WHERE m.pool_id = $1 AND m.url = $4 AND g.pool_id = $1 AND g.lease_token = $2 AND g.revision = $3",
            claim.pool_id.as_uuid(),
            claim.token.as_uuid(),
            claim.revision,
            url.as_str(),
            state.as_str()
        )
        .execute(&self.pool)
        .await?;
        held(done.rows_affected())
    }

    /// Forgets a member of a managed pool, whose container is gone.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`], also where it is forgotten already.
    pub async fn forget_member(&self, claim: &PoolClaim, url: &Url) -> Result<(), StoreError> {
        let done = sqlx::query!(
            "DELETE FROM gateway.pool_member m USING gateway.managed_pool g
              WHERE m.pool_id = $1 AND m.url = $4 AND g.pool_id = $1 AND g.lease_token = $2 AND g.revision = $3",
            claim.pool_id.as_uuid(),
            claim.token.as_uuid(),
            claim.revision,
            url.as_str()
        )
        .execute(&self.pool)
        .await?;
        held(done.rows_affected())
    }

    /// Makes these members those that the pool's tenants are led to, and tells the tenant port.
    ///
    /// # Errors
    /// [`StoreError::LeaseLost`].
    pub async fn lead_to_members(&self, claim: &PoolClaim, members: &[Url]) -> Result<(), StoreError> {
        let mut urls = members.iter().map(|url| url.as_str().to_owned());
        let (first, further): (Option<String>, Vec<String>) = (urls.next(), urls.collect());
        let id: Uuid = claim.pool_id.as_uuid();
        let mut tx = self.begin().await?;
        let done = sqlx::query!(
            "UPDATE gateway.shared_pool p SET backend_url = $4, further_urls = $5 FROM gateway.managed_pool g
              WHERE p.id = $1 AND g.pool_id = $1 AND g.lease_token = $2 AND g.revision = $3",
            id,
            claim.token.as_uuid(),
            claim.revision,
            first,
            &further
        )
        .execute(&mut *tx)
        .await?;
        held(done.rows_affected())?;
        sqlx::query!("SELECT pg_notify('gateway_tenant', $1)", id.to_string()).fetch_one(&mut *tx).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Whether the statement of a claim found what it was for.
pub(super) fn held(rows: u64) -> Result<(), StoreError> {
    if rows == 1 { Ok(()) } else { Err(StoreError::LeaseLost) }
}
