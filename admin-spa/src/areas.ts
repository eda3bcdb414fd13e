// Every area of the console, one line each: its pages and its lines of the rail.
import { accountRoutes } from "./account/routes";
import type { RailEntry, SignedIn } from "./area";
import { auditRail, auditRoutes } from "./audit/routes";
import { eventRail, eventRoutes } from "./events/routes";
import { fleetRail, fleetRoutes } from "./fleet/routes";
import { keyRail, keyRoutes } from "./keys/routes";
import { operationRail, operationRoutes } from "./operations/routes";
import { overviewRail, overviewRoutes } from "./overview/routes";
import { peopleRail, peopleRoutes } from "./people/routes";
import { settingsRail, settingsRoutes } from "./settings/routes";
import { signupRail, signupRoutes } from "./signups/routes";
import { tenantRail, tenantRoutes } from "./tenants/routes";

/** The rail from top to bottom, within each group. */
export const rail: readonly RailEntry[] = [
  ...overviewRail,
  ...tenantRail,
  ...operationRail,
  ...fleetRail,
  ...signupRail,
  ...eventRail,
  ...auditRail,
  ...keyRail,
  ...peopleRail,
  ...settingsRail,
].toSorted((one, other) => one.order - other.order);

/** The pages of all areas below the part of the console that needs somebody signed in. */
export const areaRoutes = (signedIn: SignedIn) =>
  [
    ...overviewRoutes(signedIn),
    ...tenantRoutes(signedIn),
    ...operationRoutes(signedIn),
    ...fleetRoutes(signedIn),
    ...signupRoutes(signedIn),
    ...eventRoutes(signedIn),
    ...auditRoutes(signedIn),
    ...keyRoutes(signedIn),
    ...peopleRoutes(signedIn),
    ...settingsRoutes(signedIn),
    ...accountRoutes(signedIn),
  ] as const;
