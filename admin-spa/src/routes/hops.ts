import type { Route, RouteDifference, RouteServer, RouteView } from "./types";

/** The places a request passes on its way through Traefik, in order. */
export const hopKinds = ["entry", "router", "middlewares", "service", "servers"] as const;
export type HopKind = (typeof hopKinds)[number];

/** fine: as wanted; differs: there, and not as wanted; failing: Traefik or a check says so; absent: not there. */
export type HopState = "fine" | "differs" | "failing" | "absent";

export interface Hop {
  kind: HopKind;
  state: HopState;
  /** What stands there: names, a rule, addresses. */
  lines: readonly string[];
  /** How its servers are doing; only on the last hop. */
  servers: readonly RouteServer[];
  differences: readonly RouteDifference[];
  /** What Traefik finds wrong with it; only on the router. */
  errors: readonly string[];
}

const hopOfPart: Record<string, HopKind> = {
  status: "router",
  rule: "router",
  priority: "router",
  revision: "router",
  entry_points: "entry",
  middlewares: "middlewares",
  service: "service",
  servers: "servers",
};

function linesOf(kind: HopKind, view: RouteView): readonly string[] {
  switch (kind) {
    case "entry":
      return view.entry_points;
    case "router":
      return [view.router, view.rule];
    case "middlewares":
      return view.middlewares;
    case "service":
      return [view.service];
    case "servers":
      return view.servers.map((server) => server.url);
  }
}

function isFailing(kind: HopKind, held: RouteView): boolean {
  if (kind === "router") return !held.served || held.errors.length > 0;
  if (kind === "servers") return held.servers.length === 0 || held.servers.every(({ up }) => up === false);
  return false;
}

/**
 * The hops of one route: what Traefik holds, and where that is not what the tenant's row wants.
 *
 * Without `held` the hops are those wanted, each absent. Null when there is neither.
 */
export function hopsOf(route: Pick<Route, "wanted" | "held" | "differences">): Hop[] | null {
  const view = route.held ?? route.wanted;
  if (!view) return null;
  return hopKinds.map((kind) => {
    const differences = route.differences.filter(({ part }) => (hopOfPart[part] ?? "router") === kind);
    const state = (): HopState => {
      if (!route.held) return "absent";
      if (isFailing(kind, route.held)) return "failing";
      return differences.length > 0 ? "differs" : "fine";
    };
    return {
      kind,
      state: state(),
      lines: linesOf(kind, view),
      servers: kind === "servers" ? view.servers : [],
      differences: route.held ? differences : [],
      errors: kind === "router" ? view.errors : [],
    };
  });
}
