//! What rows mean for Traefik, as far as settings decide it. Pure.

use crate::config::Settings;
use crate::domain::host::HostSuffix;
use crate::domain::ports::TenantPorts;
use crate::domain::route::{Led, RoutingMode, Way};
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
    /// The tenant ports as Traefik reaches them.
    pub tenant_ports: TenantPorts,
    /// Port of a dedicated tenant's app.
    pub app_port: u16,
    /// Where the wildcard router leads from.
    pub host_suffix: HostSuffix,
    /// Which tenants workers give a router of their own. What is published for a row does not follow from it: the row says.
    pub mode: RoutingMode,
}

impl Routing {
    /// The settings of a process.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        Self {
            entrypoint: settings.edge.entrypoint.clone(),
            tenant_ports: settings.edge.tenant_ports.clone(),
            app_port: settings.docker.app_port,
            host_suffix: settings.tenants.host_suffix.clone(),
            mode: settings.edge.routing_mode,
        }
    }

    /// The keys that are always there.
    #[must_use]
    pub fn shared(&self) -> Keys {
        render::shared(&self.tenant_ports, &self.entrypoint, &self.host_suffix)
    }

    /// What a tenant's router leads to while it is served; `None` when the row does not say.
    #[must_use]
    pub fn app(&self, row: &TenantRow) -> Option<Upstream> {
        match row.tier {
            Tier::Shared => {
                let urls = |pool: &SharedPool| pool.upstreams(&self.tenant_ports);
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

    /// The revision of the way by the wildcard router to a tenant; `None` where there is no such way to it.
    #[must_use]
    pub fn wildcard(&self, row: &TenantRow) -> Option<String> {
        let host = row.host.as_ref().filter(|_| row.is_allocated() && row.tier == Tier::Shared)?;
        row.pool.as_ref().map(|pool| render::wildcard(row.id, &row.key, host, &pool.name))
    }

    /// How a settled row's tenant is led to, and how it is to be in the routing mode; `None` where it is not led to.
    #[must_use]
    pub fn ways(&self, row: &TenantRow) -> Option<(Way, Way)> {
        let host = row.host.as_ref()?;
        let is_led = matches!(row.status, Status::Active | Status::Suspended);
        let led = Led {
            tier: row.tier,
            serves: row.status.serves(),
            pinned: row.route_pinned,
            by_http: row.pool.as_ref().is_none_or(SharedPool::is_by_http),
            host,
            suffix: &self.host_suffix,
        };
        let is = if row.route_revision.is_some() { Way::Wildcard } else { Way::Own };
        is_led.then(|| (is, self.mode.way(led)))
    }

    /// What is to be published for a settled row.
    #[must_use]
    pub fn route(&self, row: &TenantRow) -> Published {
        let upstream = match row.status {
            Status::Active if row.route_revision.is_some() && row.tier == Tier::Shared => {
                return self.wildcard(row).map_or(Published::Nothing, Published::ByWildcard);
            }
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
    /// None: the wildcard router leads to the tenant port, which is to answer for it with this revision.
    ByWildcard(String),
    /// None.
    Nothing,
    /// The row does not say.
    Anything,
}
