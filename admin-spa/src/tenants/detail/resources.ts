import type { Tenant } from "../../api/types";
import type { Drift, DriftKind, DriftLook } from "../../drift/api";
import { networkOf } from "./networkOf";
import { detailText } from "./text";

/** A thing outside that belongs to a tenant. */
type ResourceKind = "role" | "database" | "migrations" | "network" | "container" | "route";

/** What is said of how a resource was found. */
export type Sight =
  | { is: "wanted" }
  | { is: "settling" }
  | { is: "unlooked" }
  | { is: "unseen"; source: string }
  | { is: "drifted"; drift: readonly Drift[] };

export interface Resource {
  kind: ResourceKind;
  /** What the row wants, in words; null where it wants none. */
  wanted: string | null;
  sight: Sight;
}

const words = detailText.resources;

/** Which resource a kind of drift is about. `returned` tells that the whole tenant is back; it stands with its database. */
const resourceOf: Record<DriftKind, ResourceKind> = {
  role_missing: "role",
  role_differs: "role",
  database_lost: "database",
  database_differs: "database",
  returned: "database",
  network_missing: "network",
  network_differs: "network",
  network_duplicate: "network",
  wall_missing: "network",
  container_missing: "container",
  container_stopped: "container",
  container_running: "container",
  container_differs: "container",
  route_missing: "route",
  route_differs: "route",
  route_mode: "route",
};

const servers = "the database servers";
const engine = "Docker Engine";
/** Rows nobody could read say nothing of anything. */
const rows = "the control database";

/** The places each resource is in, in the words of a look: all of them, or the one of a server, whose name follows. */
export const placesOf: Record<ResourceKind, readonly string[]> = {
  role: [servers, "the database server "],
  database: [servers, "the database server "],
  migrations: [servers, "the database server "],
  network: [engine],
  container: [engine],
  route: ["Redis"],
};

/** Whether a place that could not be read is one that a tenant's resource is in. */
function hides(
  source: string | null | undefined,
  kind: ResourceKind,
  server: string | null | undefined,
): boolean {
  return (
    source === rows ||
    placesOf[kind].some((place) => source === (place.endsWith(" ") ? place + server : place))
  );
}

function wantedOf(tenant: Tenant): Record<ResourceKind, string | null> {
  const made = tenant.database !== null;
  return {
    role: made ? words.login : null,
    database: tenant.database === null ? null : [tenant.database, tenant.server].filter(Boolean).join(" @ "),
    migrations: tenant.migration_version === null ? null : words.version(tenant.migration_version),
    network: networkOf(tenant),
    container: tenant.tier === "dedicated" ? (tenant.container_image ?? null) : null,
    route: tenant.host,
  };
}

/** Everything a tenant consists of outside: how its row wants it, and how the last look found it. */
export function resourcesOf(tenant: Tenant, drift: readonly Drift[], look: DriftLook | null): Resource[] {
  const wanted = wantedOf(tenant);
  const settling = tenant.generation !== tenant.observed_generation;
  return (Object.keys(wanted) as ResourceKind[]).map((kind) => {
    const found = drift.filter((one) => resourceOf[one.kind] === kind);
    return { kind, wanted: wanted[kind], sight: sightOf(kind, found, settling, look, tenant.server) };
  });
}

function sightOf(
  kind: ResourceKind,
  drift: readonly Drift[],
  settling: boolean,
  look: DriftLook | null,
  server: Tenant["server"],
): Sight {
  if (drift.length > 0) return { is: "drifted", drift };
  if (settling) return { is: "settling" };
  if (!look) return { is: "unlooked" };
  const blind = look.unknown.find(({ source }) => hides(source, kind, server));
  if (blind) return { is: "unseen", source: blind.source ?? rows };
  return { is: "wanted" };
}
