//! Words about routes: how Traefik agrees with a row, and why a URL is answered as it is.

use crate::domain::host::{Host, HostSuffix};
use crate::domain::operation::words;
use crate::domain::tenant::Tier;

words!(
    /// Which tenants get a router of their own.
    RoutingMode {
        /// All of them.
        PerTenant => "per-tenant",
        /// Exceptions: dedicated, suspended and pinned tenants, those of pools by https, and hosts of customers' own. The
        /// wildcard router leads to the tenant port for the others.
        Wildcard => "wildcard",
    }
);

/// How requests are led to a tenant that has a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// By a router of its own.
    Own,
    /// By the wildcard router and the tenant port.
    Wildcard,
}

/// What decides how a tenant is led to.
#[derive(Clone, Copy, Debug)]
pub struct Led<'a> {
    /// How it is served.
    pub tier: Tier,
    /// Whether it is to be served. The page of one that is not has a router, which no other takes the host from.
    pub serves: bool,
    /// Whether its operator wants it to have a router.
    pub pinned: bool,
    /// Whether all members of its pool answer by HTTP, which is what the tenant port speaks.
    pub by_http: bool,
    /// Its host.
    pub host: &'a Host,
    /// Where the wildcard router leads from.
    pub suffix: &'a HostSuffix,
}

impl RoutingMode {
    /// How a tenant is to be led to.
    #[must_use]
    pub fn way(self, led: Led<'_>) -> Way {
        let is_free = led.tier == Tier::Shared && led.serves && !led.pinned;
        let is_plain = is_free && led.by_http && led.host.is_right_under(led.suffix);
        match self {
            Self::Wildcard if is_plain => Way::Wildcard,
            Self::Wildcard | Self::PerTenant => Way::Own,
        }
    }
}

words!(
    /// How what Traefik holds agrees with what a tenant's row wants.
    RouteState {
        /// Traefik holds exactly what is wanted.
        Published => "published",
        /// Traefik does not have the router.
        Missing => "missing",
        /// Traefik holds something else, or does not serve it.
        Differs => "differs",
        /// Traefik has a router that is not wanted.
        Unwanted => "unwanted",
        /// None is wanted and none is there.
        Withdrawn => "withdrawn",
        /// Work on the tenant is open or failed, so that its row does not say.
        Unsettled => "unsettled",
        /// Nothing is known of Traefik.
        Unknown => "unknown",
    }
);

words!(
    /// Method of a request to test a route with.
    RouteTestMethod {
        /// With a body.
        Get => "GET",
        /// Without one.
        Head => "HEAD",
    }
);

words!(
    /// Why a URL is answered as it is, or why nobody can tell.
    Cause {
        /// Nothing is known of Traefik.
        TraefikUnknown => "traefik_unknown",
        /// Traefik has no such entry point.
        EntryPointMissing => "entry_point_missing",
        /// No tenant has the host.
        NoSuchTenant => "no_such_tenant",
        /// The console has the host.
        AdminHost => "admin_host",
        /// The tenant was never active, or work on it is open.
        TenantProvisioning => "tenant_provisioning",
        /// The tenant is suspended.
        TenantSuspended => "tenant_suspended",
        /// The tenant has no router of its own: the tenant port leads on to its pool.
        TenantPortLeads => "tenant_port_leads",
        /// The shared pool that the tenant is in is stopped.
        PoolStopped => "pool_stopped",
        /// Work on the tenant failed.
        TenantError => "tenant_error",
        /// The tenant is being deleted or was.
        TenantDeleted => "tenant_deleted",
        /// The tenant is paused while work on it waits.
        TenantPaused => "tenant_paused",
        /// The tenant's router is not there yet.
        RouteNotPublished => "route_not_published",
        /// The tenant's router is there although it is not wanted.
        RouteUnwanted => "route_unwanted",
        /// The tenant's router or service is not as its row wants it.
        RouteDiffers => "route_differs",
        /// Traefik does not serve the tenant's router, for a reason of its own.
        RouterDisabled => "router_disabled",
        /// Another router of higher priority takes the request.
        RouterOutranked => "router_outranked",
        /// Several routers of one priority take the request.
        RoutersTied => "routers_tied",
        /// A router that may take the request has a rule that cannot be judged here.
        RuleUndecided => "rule_undecided",
        /// No router takes the request.
        NoRouter => "no_router",
        /// The service of the router is not there or not served.
        ServiceMissing => "service_missing",
        /// The service of the router has no servers.
        ServiceEmpty => "service_empty",
        /// A health check found servers that do not answer.
        ServerDown => "server_down",
    }
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_keep_their_routers() {
        let suffix = HostSuffix::parse("example.com").unwrap();
        let host = |text: &str| Host::parse(text).unwrap();
        let (default, custom, deep) = (host("acme.example.com"), host("shop.acme.example"), host("a.b.example.com"));
        let (tier, host, suffix) = (Tier::Shared, &default, &suffix);
        let plain = Led { tier, serves: true, pinned: false, by_http: true, host, suffix };
        assert_eq!(RoutingMode::Wildcard.way(plain), Way::Wildcard);
        for exception in [
            Led { tier: Tier::Dedicated, ..plain },
            Led { serves: false, ..plain },
            Led { pinned: true, ..plain },
            Led { by_http: false, ..plain },
            Led { host: &custom, ..plain },
            Led { host: &deep, ..plain },
        ] {
            assert_eq!(RoutingMode::Wildcard.way(exception), Way::Own, "{exception:?}");
        }
        assert_eq!(RoutingMode::PerTenant.way(plain), Way::Own);
    }
}
