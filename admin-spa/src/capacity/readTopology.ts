import type { Pool } from "../pools/api";
import { text as poolText } from "../pools/text";
import type { TraefikHealth } from "../routes/types";
import type { DatabaseServer } from "../servers/api";
import { text as serverText } from "../servers/text";
import { text } from "./text";
import { edgesBetween, type Share, type TopologyEdge, type TopologyNode } from "./topology";

const words = text.topology;

interface Fleet {
  traefik: TraefikHealth;
  pools: readonly Pool[];
  servers: readonly DatabaseServer[];
  /** Null where the fleet is too large to count. */
  shares: readonly Share[] | null;
}

const failingOf = (shares: readonly Share[] | null, takes: (share: Share) => boolean): number =>
  (shares ?? []).filter(takes).reduce((sum, share) => sum + share.failing, 0);

function entryNodes(traefik: TraefikHealth): TopologyNode[] {
  const mine = traefik.entry_points.filter((point) => point.of_tenants);
  const nothing = { lines: [], tenants: null, failing: 0, to: null, column: "entry" } as const;
  if (mine.length === 0) return [{ ...nothing, id: "entry", title: words.noEntryPoints, isBroken: true }];
  return mine.map((point) => ({
    ...nothing,
    id: `entry ${point.name}`,
    title: point.name,
    lines: [point.address],
    isBroken: false,
  }));
}

const edgeNode = (traefik: TraefikHealth): TopologyNode => ({
  id: "traefik",
  column: "edge",
  title: [words.traefik, traefik.version].filter(Boolean).join(" "),
  lines: [traefik.routers ? words.routers(traefik.routers.total) : words.traefikUnknown],
  tenants: null,
  failing: 0,
  isBroken: traefik.healthy === false,
  to: { kind: "routes" },
});

const poolNode = (pool: Pool, shares: Fleet["shares"]): TopologyNode => ({
  id: `pool ${pool.id}`,
  column: "places",
  title: pool.name,
  lines: [poolText.state[pool.state]],
  tenants: pool.tenants,
  failing: failingOf(shares, (share) => share.pool === pool.id),
  isBroken: pool.state === "stopped" && pool.tenants > 0,
  to: { kind: "pool", name: pool.name },
});

const serverNode = (server: DatabaseServer, shares: Fleet["shares"]): TopologyNode => ({
  id: `server ${server.id}`,
  column: "servers",
  title: server.name,
  lines: [server.address, serverText.state[server.state]],
  tenants: server.tenants,
  failing: failingOf(shares, (share) => share.server === server.name),
  isBroken: server.state === "offline" && server.tenants > 0,
  to: { kind: "server", name: server.name },
});

/** The boxes and lines of the fleet as it is. */
export function readTopology({ traefik, pools, servers, shares }: Fleet): {
  nodes: TopologyNode[];
  edges: TopologyEdge[];
} {
  const all = servers.reduce((sum, server) => sum + server.tenants, 0);
  const own = Math.max(0, all - pools.reduce((sum, pool) => sum + pool.tenants, 0));
  const entries = entryNodes(traefik);
  const edge = edgeNode(traefik);
  const ownNode: TopologyNode = {
    id: "own",
    column: "places",
    title: words.ownContainers,
    lines: [],
    tenants: own,
    failing: failingOf(shares, (share) => share.pool === null),
    isBroken: false,
    to: { kind: "tenants" },
  };
  const places = [...pools.map((pool) => poolNode(pool, shares)), ...(own > 0 ? [ownNode] : [])];
  const ends = servers.map((server) => serverNode(server, shares));
  const edges: TopologyEdge[] = [
    ...entries.map((entry) => ({ from: entry.id, to: edge.id, tenants: all, isBroken: entry.isBroken })),
    ...places.map((place) => ({
      from: edge.id,
      to: place.id,
      tenants: place.tenants,
      isBroken: place.isBroken,
    })),
    ...edgesBetween(
      places.map((place) => ({
        id: place.id,
        pool: pools.find((pool) => place.id === `pool ${pool.id}`)?.id ?? null,
      })),
      servers.map((server) => ({ id: `server ${server.id}`, name: server.name })),
      // With one server there is nothing to count: all of a place's tenants are on it.
      shares ?? (servers.length === 1 ? sharesOfOne(places, pools, servers) : null),
    ),
  ];
  return { nodes: [...entries, edge, ...places, ...ends], edges };
}

function sharesOfOne(
  places: readonly TopologyNode[],
  pools: readonly Pool[],
  servers: readonly DatabaseServer[],
): Share[] {
  return places.map((place) => ({
    pool: pools.find((pool) => place.id === `pool ${pool.id}`)?.id ?? null,
    server: servers[0]?.name ?? "",
    tenants: place.tenants ?? 0,
    failing: place.failing,
  }));
}
