//! Words about routes: how Traefik agrees with a row, and why a URL is answered as it is.

use crate::domain::operation::words;

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
