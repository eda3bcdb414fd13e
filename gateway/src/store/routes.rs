//! What the tenant port needs to know: which host belongs to whom, and in which state.

use ipnet::{IpNet, Ipv4Net};
use url::Url;
use uuid::Uuid;

use crate::domain::ids::TenantId;
use crate::domain::status::Status;
use crate::domain::tenant::Tier;
use crate::store::{Store, StoreError};

/// A live tenant's host and what stands behind it.
#[derive(Clone, Debug)]
pub struct HostRecord {
    /// The tenant.
    pub tenant_id: TenantId,
    /// Its key.
    pub key: String,
    /// The customer's name, for pages.
    pub company_name: String,
    /// The host asked for or allocated; `None` before allocation of a default one.
    pub host: Option<String>,
    /// How it is served.
    pub tier: Tier,
    /// Its state.
    pub status: Status,
    /// Whether its present or an earlier wish was ever made true, so that it may serve while work is due.
    pub served_before: bool,
    /// Where the member of its shared pool answers that this tenant's requests go to.
    pub pool_url: Option<Url>,
    /// Whether its shared pool is stopped.
    pub pool_stopped: bool,
    /// Its own subnet.
    pub subnet: Option<Ipv4Net>,
    /// Set where the wildcard router leads to it: what answers to its host carry.
    pub route_revision: Option<String>,
}

struct HostRow {
    id: Uuid,
    key: String,
    company_name: String,
    host: Option<String>,
    tier: String,
    status: String,
    served_before: bool,
    backend_url: Option<String>,
    further_urls: Option<Vec<String>>,
    pool_stopped: bool,
    subnet: Option<IpNet>,
    route_revision: Option<String>,
}

impl HostRow {
    fn read(self) -> Result<HostRecord, StoreError> {
        let unknown = |column| StoreError::Inconsistent { table: "tenant", column, row: self.id.to_string() };
        Ok(HostRecord {
            tenant_id: TenantId::from_uuid(self.id),
            tier: Tier::parse(&self.tier).ok_or_else(|| unknown("tier"))?,
            status: Status::parse(&self.status).ok_or_else(|| unknown("status"))?,
            key: self.key,
            company_name: self.company_name,
            host: self.host,
            served_before: self.served_before,
            pool_url: member_of(self.id, self.backend_url, self.further_urls),
            pool_stopped: self.pool_stopped,
            subnet: match self.subnet {
                Some(IpNet::V4(net)) => Some(net),
                _ => None,
            },
            route_revision: self.route_revision,
        })
    }
}

/// Asks for [`HostRow`]s of tenants that are not deleted; what is given comes after the conditions.
macro_rules! host_rows {
    ($rest:literal $(, $value:expr)*) => {
        sqlx::query_as!(
            HostRow,
            r#"
            SELECT t.id AS "id!", t.key AS "key!", t.company_name AS "company_name!", t.host AS "host?", t.tier AS "tier!",
                   t.status AS "status!", t.observed_generation > 0 AS "served_before!",
                   p.backend_url AS "backend_url?",
                   p.further_urls AS "further_urls?", coalesce(p.state = 'stopped', false) AS "pool_stopped!",
                   s.subnet AS "subnet?: IpNet", t.route_revision AS "route_revision?"
              FROM gateway.tenant t
              LEFT JOIN gateway.shared_pool p ON p.id = t.pool_id
              LEFT JOIN gateway.subnet s ON s.tenant_id = t.id
             WHERE t.status <> 'deleted'
            "# + $rest
            $(, $value)*
        )
    };
}

/// The member that a tenant's requests go to: the tenants of a pool are spread by their ids, which are random. What is no URL
/// is no member, here as in Traefik's tree.
fn member_of(tenant: Uuid, first: Option<String>, further: Option<Vec<String>>) -> Option<Url> {
    let written = first.into_iter().chain(further.unwrap_or_default());
    let members: Vec<Url> = written.filter_map(|text| Url::parse(&text).ok()).collect();
    let place = tenant.as_u128() % u128::try_from(members.len().max(1)).unwrap_or(1);
    members.into_iter().nth(usize::try_from(place).unwrap_or_default())
}

impl Store {
    /// The tenant that has a host, or had it last: its id, its key, and whether it is deleted. A tenant without a host of
    /// its own yet is found by `key`.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn owner_of_host(
        &self,
        host: &str,
        key: Option<&str>,
    ) -> Result<Option<(TenantId, String, bool)>, StoreError> {
        let row = sqlx::query!(
            r#"
            SELECT id, key, status = 'deleted' AS "deleted!" FROM gateway.tenant
             WHERE host = $1 OR (host IS NULL AND key = $2)
             ORDER BY status = 'deleted', host IS NULL, created_at DESC, id LIMIT 1
            "#,
            host,
            key
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| (TenantId::from_uuid(row.id), row.key, row.deleted)))
    }

    /// All tenants that are not deleted.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn hosts(&self) -> Result<Vec<HostRecord>, StoreError> {
        let rows = host_rows!("").fetch_all(&self.pool).await?;
        rows.into_iter().map(HostRow::read).collect()
    }

    /// Those of these tenants that are not deleted.
    ///
    /// # Errors
    /// [`StoreError`] of the query.
    pub async fn hosts_of(&self, tenants: &[Uuid]) -> Result<Vec<HostRecord>, StoreError> {
        let rows = host_rows!("AND t.id = ANY ($1)", tenants).fetch_all(&self.pool).await?;
        rows.into_iter().map(HostRow::read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_are_spread_over_the_members_that_are_urls() {
        let member = |tenant: u128, further: &[&str]| {
            let further = further.iter().map(ToString::to_string).collect();
            member_of(Uuid::from_u128(tenant), Some("http://a:1/".to_owned()), Some(further)).map(String::from)
        };
        let all: Vec<_> = (0..4).map(|tenant| member(tenant, &["no URL", "http://b:2/"]).unwrap()).collect();
        assert_eq!(all, ["http://a:1/", "http://b:2/", "http://a:1/", "http://b:2/"]);
        assert_eq!(member_of(Uuid::from_u128(1), Some("no URL".to_owned()), None), None);
        assert_eq!(member_of(Uuid::from_u128(1), None, None), None);
    }
}
