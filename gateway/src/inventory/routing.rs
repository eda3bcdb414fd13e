//! What rows mean for Traefik, as far as settings decide it. Pure.

use url::Url;

use crate::config::Settings;
use crate::domain::status::Status;
use crate::domain::subnet::container_address;
use crate::domain::tenant::Tier;
use crate::infra::render::{self, Keys, Rendered, Route, Upstream};
use crate::store::fleet::TenantRow;
use crate::store::places::SharedPool;

/// The settings that routes are rendered with. The server and the workers are to have the same.
#[derive(Clone, Debug)]
pub struct Routing {
    /// Traefik's entry point of tenants.
    pub entrypoint: String,
    /// The tenant port as Traefik reaches it.
    pub tenant_port_url: Url,
    /// Port of a dedicated tenant's app.
    pub app_port: u16,
}

impl Routing {
    /// The settings of a process.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        Self {
            entrypoint: settings.edge.entrypoint.clone(),
            tenant_port_url: settings.edge.tenant_port_url.clone(),
            app_port: settings.docker.app_port,
        }
    }

    /// The keys that are always there.
    #[must_use]
    pub fn shared(&self) -> Keys {
        render::shared(&self.tenant_port_url, &self.entrypoint)
    }

    /// What a tenant's router leads to while it is served; `None` when the row does not say.
    #[must_use]
    pub fn app(&self, row: &TenantRow) -> Option<Upstream> {
        match row.tier {
            Tier::Shared => {
                let urls = |pool: &SharedPool| pool.upstreams(&self.tenant_port_url);
                row.pool.as_ref().map(|pool| Upstream::Pool { name: pool.name.clone(), urls: urls(pool) })
            }
            Tier::Dedicated => {
                row.subnet.map(|net| Upstream::Container { address: container_address(net), port: self.app_port })
            }
        }
    }

    /// The route that leads a tenant's host to `upstream`; `None` before it is allocated.
    #[must_use]
    pub fn render(&self, row: &TenantRow, upstream: Upstream) -> Option<Rendered> {
        let host = row.host.as_ref().filter(|_| row.is_allocated())?;
        let entrypoint = &self.entrypoint;
        Some(render::route(&Route { tenant: row.id, key: &row.key, host, upstream, entrypoint }))
    }

    /// What is to be published for a settled row.
    #[must_use]
    pub fn route(&self, row: &TenantRow) -> Published {
        let upstream = match row.status {
            Status::Active => self.app(row),
            Status::Suspended => Some(Upstream::TenantPort),
            // Work that failed may have ended anywhere.
            Status::Error | Status::Pending | Status::Provisioning => return Published::Anything,
            Status::Deleting | Status::Purging | Status::Deleted => return Published::Nothing,
        };
        upstream.and_then(|upstream| self.render(row, upstream)).map_or(Published::Nothing, Published::Exactly)
    }
}

/// What Traefik's tree is to hold of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    /// These keys and no others.
    Exactly(Rendered),
    /// None.
    Nothing,
    /// The row does not say.
    Anything,
}
