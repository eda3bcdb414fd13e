// Every area of the console, one line each: its pages and its lines of the rail.
import type { RailEntry, SignedIn } from "./area";
import { fleetRail, fleetRoutes } from "./fleet/routes";
import { operationRail, operationRoutes } from "./operations/routes";
import { tenantRail, tenantRoutes } from "./tenants/routes";

/** The rail from top to bottom, within each group. */
export const rail: readonly RailEntry[] = [...tenantRail, ...operationRail, ...fleetRail].toSorted(
  (one, other) => one.order - other.order,
);

/** The pages of all areas below the part of the console that needs somebody signed in. */
export const areaRoutes = (signedIn: SignedIn) =>
  [...tenantRoutes(signedIn), ...operationRoutes(signedIn), ...fleetRoutes(signedIn)] as const;
