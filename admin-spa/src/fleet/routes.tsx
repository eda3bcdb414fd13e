import type { RailEntry, SignedIn } from "../area";

/** What carries the tenants: pools, servers, plans, routes, drift, jobs, capacity. */
export const fleetRail: readonly RailEntry[] = [];

export const fleetRoutes = (_signedIn: SignedIn) => [] as const;
