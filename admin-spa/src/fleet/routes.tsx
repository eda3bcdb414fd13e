import {
  IconChartBar,
  IconDatabase,
  IconGitCompare,
  IconLicense,
  IconRoute,
  IconServer2,
} from "@tabler/icons-react";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { RailEntry, SignedIn } from "../area";
import { asOneOf, type RawSearch, textsOf } from "../search";
import { text } from "./text";

/** What carries the tenants: pools, servers, plans, routes, drift, jobs, capacity. */
export const fleetRail: readonly RailEntry[] = [
  {
    to: "/routes",
    label: text.rail.routes,
    icon: IconRoute,
    group: "operate",
    order: 40,
    scope: "fleet:read",
    also: "traefik explain url republish",
  },
  {
    to: "/drift",
    label: text.rail.drift,
    icon: IconGitCompare,
    group: "operate",
    order: 50,
    scope: "fleet:read",
    holds: ["/orphans", "/verify", "/jobs"],
    also: "repair orphans verify audit jobs reconcile collect",
  },
  {
    to: "/pools",
    label: text.rail.pools,
    icon: IconServer2,
    group: "platform",
    order: 10,
    scope: "fleet:read",
    holds: ["/new/pool"],
    also: "shared containers members",
  },
  {
    to: "/database-servers",
    label: text.rail.servers,
    icon: IconDatabase,
    group: "platform",
    order: 20,
    scope: "fleet:read",
    holds: ["/new/database-server"],
    also: "postgres postgresql clusters",
  },
  {
    to: "/plans",
    label: text.rail.plans,
    icon: IconLicense,
    group: "platform",
    order: 30,
    scope: "fleet:read",
    holds: ["/new/plan"],
    also: "limits quotas",
  },
  {
    to: "/capacity",
    label: text.rail.capacity,
    icon: IconChartBar,
    group: "platform",
    order: 40,
    scope: "fleet:read",
    holds: ["/topology", "/placement"],
    also: "topology placement subnets queue workers",
  },
];

const views = ["cards", "table"] as const;

/** What the address of the list of routes holds. */
interface RouteListSearch {
  tenant?: string;
  state?: string;
  cursor?: string;
  /** The tenant whose picture is unfolded. */
  show?: string;
  /** The job that publishes all again. */
  job?: string;
  ask?: "republish";
}

/** What the address of the list of drift holds. */
interface DriftSearch {
  tenant?: string;
  kind?: string;
  cursor?: string;
  /** The look that was asked for here. */
  job?: string;
  ask?: "repair";
}

/** Parameters of the pages that show one job they have asked for. */
const jobOf = (search: RawSearch): { job?: string } => textsOf(search, ["job"]);

const poolRoutes = (signedIn: SignedIn) =>
  [
    createRoute({
      getParentRoute: () => signedIn,
      path: "/pools",
      validateSearch: (search: RawSearch): { view?: (typeof views)[number] } => {
        const view = asOneOf(search.view, views);
        return view ? { view } : {};
      },
      component: lazyRouteComponent(() => import("../pools/PoolListPage"), "PoolListPage"),
    }),
    createRoute({
      getParentRoute: () => signedIn,
      path: "/new/pool",
      component: lazyRouteComponent(() => import("../pools/CreatePoolPage"), "CreatePoolPage"),
    }),
    createRoute({
      getParentRoute: () => signedIn,
      path: "/pools/$name",
      validateSearch: (search: RawSearch): { ask?: "drain" | "stop" | "restart" | "delete" } => {
        const ask = asOneOf(search.ask, ["drain", "stop", "restart", "delete"] as const);
        return ask ? { ask } : {};
      },
      component: lazyRouteComponent(() => import("../pools/PoolPage"), "PoolPage"),
    }),
    createRoute({
      getParentRoute: () => signedIn,
      path: "/pools/$name/edit",
      component: lazyRouteComponent(() => import("../pools/EditPoolPage"), "EditPoolPage"),
    }),
  ] as const;

const serverRoutes = (signedIn: SignedIn) =>
  [
    createRoute({
      getParentRoute: () => signedIn,
      path: "/database-servers",
      component: lazyRouteComponent(() => import("../servers/ServerListPage"), "ServerListPage"),
    }),
    createRoute({
      getParentRoute: () => signedIn,
      path: "/new/database-server",
      component: lazyRouteComponent(() => import("../servers/CreateServerPage"), "CreateServerPage"),
    }),
    createRoute({
      getParentRoute: () => signedIn,
      path: "/database-servers/$name",
      validateSearch: (search: RawSearch): { ask?: "drain" | "delete" } => {
        const ask = asOneOf(search.ask, ["drain", "delete"] as const);
        return ask ? { ask } : {};
      },
      component: lazyRouteComponent(() => import("../servers/ServerPage"), "ServerPage"),
    }),
    createRoute({
      getParentRoute: () => signedIn,
      path: "/database-servers/$name/edit",
      component: lazyRouteComponent(() => import("../servers/EditServerPage"), "EditServerPage"),
    }),
  ] as const;

const planRoutes = (signedIn: SignedIn) =>
  [
    createRoute({
      getParentRoute: () => signedIn,
      path: "/plans",
      component: lazyRouteComponent(() => import("../plans/PlanListPage"), "PlanListPage"),
    }),
    createRoute({
      getParentRoute: () => signedIn,
      path: "/new/plan",
      component: lazyRouteComponent(() => import("../plans/CreatePlanPage"), "CreatePlanPage"),
    }),
    createRoute({
      getParentRoute: () => signedIn,
      path: "/plans/$name",
      validateSearch: (search: RawSearch): { ask?: "delete" } =>
        search.ask === "delete" ? { ask: "delete" } : {},
      component: lazyRouteComponent(() => import("../plans/PlanPage"), "PlanPage"),
    }),
    createRoute({
      getParentRoute: () => signedIn,
      path: "/plans/$name/edit",
      component: lazyRouteComponent(() => import("../plans/EditPlanPage"), "EditPlanPage"),
    }),
  ] as const;

const routingRoutes = (signedIn: SignedIn) =>
  [
    createRoute({
      getParentRoute: () => signedIn,
      path: "/routes",
      validateSearch: (search: RawSearch): RouteListSearch => ({
        ...textsOf(search, ["tenant", "state", "cursor", "show", "job"]),
        ...(search.ask === "republish" ? { ask: "republish" } : {}),
      }),
      component: lazyRouteComponent(() => import("../routes/RouteListPage"), "RouteListPage"),
    }),
    createRoute({
      getParentRoute: () => signedIn,
      path: "/routes/explain",
      validateSearch: (search: RawSearch) =>
        textsOf(search, ["url", "method", "headers", "entry_point", "client"]),
      component: lazyRouteComponent(() => import("../routes/ExplainPage"), "ExplainPage"),
    }),
  ] as const;

const soundnessRoutes = (signedIn: SignedIn) =>
  [
    createRoute({
      getParentRoute: () => signedIn,
      path: "/drift",
      validateSearch: (search: RawSearch): DriftSearch => ({
        ...textsOf(search, ["tenant", "kind", "cursor", "job"]),
        ...(search.ask === "repair" ? { ask: "repair" } : {}),
      }),
      component: lazyRouteComponent(() => import("../drift/DriftPage"), "DriftPage"),
    }),
    createRoute({
      getParentRoute: () => signedIn,
      path: "/orphans",
      validateSearch: (search: RawSearch) => textsOf(search, ["cursor", "job", "done"]),
      component: lazyRouteComponent(() => import("../drift/OrphanPage"), "OrphanPage"),
    }),
    createRoute({
      getParentRoute: () => signedIn,
      path: "/verify",
      validateSearch: jobOf,
      component: lazyRouteComponent(() => import("../jobs/VerifyPage"), "VerifyPage"),
    }),
    createRoute({
      getParentRoute: () => signedIn,
      path: "/jobs",
      validateSearch: (search: RawSearch) => textsOf(search, ["cursor"]),
      component: lazyRouteComponent(() => import("../jobs/JobListPage"), "JobListPage"),
    }),
    createRoute({
      getParentRoute: () => signedIn,
      path: "/jobs/$id",
      component: lazyRouteComponent(() => import("../jobs/JobPage"), "JobPage"),
    }),
  ] as const;

const capacityRoutes = (signedIn: SignedIn) =>
  [
    createRoute({
      getParentRoute: () => signedIn,
      path: "/capacity",
      component: lazyRouteComponent(() => import("../capacity/CapacityPage"), "CapacityPage"),
    }),
    createRoute({
      getParentRoute: () => signedIn,
      path: "/topology",
      component: lazyRouteComponent(() => import("../capacity/TopologyPage"), "TopologyPage"),
    }),
    createRoute({
      getParentRoute: () => signedIn,
      path: "/placement",
      validateSearch: (search: RawSearch): { tier?: "dedicated" } =>
        search.tier === "dedicated" ? { tier: "dedicated" } : {},
      component: lazyRouteComponent(() => import("../capacity/PlacementPage"), "PlacementPage"),
    }),
  ] as const;

export const fleetRoutes = (signedIn: SignedIn) =>
  [
    ...poolRoutes(signedIn),
    ...serverRoutes(signedIn),
    ...planRoutes(signedIn),
    ...routingRoutes(signedIn),
    ...soundnessRoutes(signedIn),
    ...capacityRoutes(signedIn),
  ] as const;
