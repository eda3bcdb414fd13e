// The English of the pages about routes. Numbers and names come in as arguments.
import type { HopKind, HopState } from "./hops";
import type { RouteCause, RouteState } from "./types";

const hop: Record<HopKind, string> = {
  entry: "Entry point",
  router: "Router",
  middlewares: "Middlewares",
  service: "Service",
  servers: "Servers",
};

const hopState: Record<HopState, string> = {
  fine: "As wanted",
  differs: "Differs",
  failing: "Failing",
  absent: "Not there",
};

const state: Record<RouteState, string> = {
  published: "Published",
  missing: "Missing",
  differs: "Differs",
  unwanted: "Unwanted",
  withdrawn: "Withdrawn",
  unsettled: "Work is open",
  unknown: "Unknown",
};

const stateMeaning: Record<RouteState, string> = {
  published: "Traefik holds it as the tenant’s row wants it.",
  missing: "The row wants it and Traefik does not hold it.",
  differs: "Traefik holds it, and not as the row wants it.",
  unwanted: "Traefik holds it and no row asks for it.",
  withdrawn: "The row wants none and Traefik holds none.",
  unsettled: "Work on the tenant is open or failed, so its row does not say what is wanted.",
  unknown: "Traefik’s API does not answer, so nothing is said about what Traefik holds.",
};

const part: Record<string, string> = {
  status: "status",
  rule: "rule",
  entry_points: "entry points",
  priority: "priority",
  middlewares: "middlewares",
  service: "service",
  servers: "servers",
  revision: "revision",
};

/** What to do about a cause, where something can be done. */
const advice: Partial<Record<RouteCause, string>> = {
  traefik_unknown: "Make Traefik’s API answer, or set traefik_api_url.",
  entry_point_missing: "Make the setting traefik_entrypoint name an entry point that Traefik has.",
  tenant_provisioning: "Look at the tenant’s operation.",
  tenant_suspended: "Reactivate the tenant to have it served.",
  tenant_error: "Look at the tenant’s operation, mend the cause, then retry.",
  tenant_paused: "Resume the tenant, so that a worker makes its row true.",
  pool_stopped: "Start the shared pool, or move the tenant to another one.",
  route_not_published: "Repair the tenant’s drift, or publish all routes again.",
  route_unwanted: "Repair the tenant’s drift, or publish all routes again.",
  route_differs: "Repair the tenant’s drift, or publish all routes again.",
  router_disabled: "Mend the part of Traefik’s configuration that it names.",
  router_outranked: "Take the other router away, or give it a lower priority.",
  routers_tied: "Give the routers different priorities: Traefik asks any of them.",
  rule_undecided: "Say more about the request, such as the client’s address.",
  no_router: "Traefik answers 404 by itself: look whether a worker ever published the fallback.",
  service_missing: "Mend the part of Traefik’s configuration that it names.",
  service_empty: "Look at the pool’s members or the tenant’s container.",
  server_down: "Look at the pool’s members or the tenant’s container.",
};

export const text = {
  hop,
  hopState,
  state,
  stateMeaning,
  advice,
  noRoute: "There is no route: the tenant’s row wants none and Traefik holds none.",
  nothing: "none",
  noServers: "No server stands behind it.",
  serverUp: "Answers",
  serverDown: "Does not answer",
  serverUnchecked: "Nobody checks",
  wantedPart: (name: string) => `Wanted ${part[name] ?? name}`,
  heldPart: "Traefik holds",

  list: {
    title: "Routes",
    intro: "What each tenant’s row wants of Traefik, beside what Traefik’s API says it holds.",
    explain: "Explain a URL",
    republish: "Publish all again…",
    stateFilter: "State",
    anyState: "Any state",
    tenantHint: "Key or id, whole",
    caption: "Routes of tenants",
    columns: {
      tenant: "Tenant",
      status: "Tenant’s status",
      state: "Route",
      rule: "Rule",
      service: "Service",
    },
    differing: (parts: readonly string[]) =>
      `differs in ${parts.map((name) => part[name] ?? name).join(", ")}`,
    show: (key: string) => `Show the route of ${key}`,
    pictureOf: (key: string) => `The route of ${key}`,
    toTenant: "Go to the tenant",
    explainThis: "Explain its URL",
    emptyTitle: "No routes",
    emptyBody: "A tenant gets a route when a worker has made it. Routes of deleted tenants are not listed.",
    noMatchTitle: "No route matches",
    noMatchBody: "Change the state or the tenant, or look at all of them.",
    cli: "gatewayctl route list",
  },
  traefik: {
    title: "Traefik",
    healthy: "Healthy",
    unhealthy: "Needs somebody",
    unknown: "Not known",
    unknownBody: "Traefik’s API does not answer, so nothing is said about what it holds.",
    seen: "Asked",
    since: "So since",
    version: "Version",
    started: "Started",
    entryPoints: "Entry points",
    entryPoint: (name: string, address: string) => `${name} at ${address}`,
    ofTenants: "for tenants",
    providers: "Providers",
    counts: { routers: "Routers", services: "Services", middlewares: "Middlewares" },
    count: (total: number, warnings: number, errors: number) =>
      [
        `${total}`,
        warnings > 0 ? `${warnings} with a warning` : "",
        errors > 0 ? `${errors} with an error` : "",
      ]
        .filter(Boolean)
        .join(", "),
    sentinel: "Sentinel",
    sentinelHeld: "Held: Traefik has what is published",
    sentinelSince: "Sentinel so since",
    sentinelLost: "Missing: Traefik has not what is published",
    fallback: "Fallback",
    fallbackServed: "Served: unknown hosts get the tenant port’s page",
    fallbackLost: "Not served: unknown hosts get Traefik’s own 404",
    notKnown: "Not known",
    troubles: "What needs somebody",
  },
  explain: {
    title: "Explain a URL",
    intro:
      "Evaluates the rules of Traefik’s routers for one request and says who answers it. Nothing is asked of the URL itself.",
    url: "URL",
    urlHint: "With http:// or https://",
    urlMissing: "Enter a URL.",
    more: "More about the request",
    method: "Method",
    headers: "Headers",
    headersHint: "One a line, such as X-Plan: gold",
    client: "Client’s address",
    entryPoint: "Entry point",
    entryPointHint: "The one of tenants when left out",
    submit: "Explain",
    asWanted: "Answered as the tenant’s row wants.",
    notAsWanted: "Not answered as the tenant’s row wants.",
    noTenant: "No tenant’s row says how this is to be answered.",
    answeredBy: (router: string) => `Answered by the router ${router}.`,
    answeredByNone: "No router of Traefik takes this request.",
    request: "Request",
    tenant: "Tenant",
    takers: "Routers that take it, the one that answers first",
    reasons: "Why",
    picture: "The way of this request",
    whatToDo: "What to do:",
    problem: "The URL could not be explained",
    cli: (url: string) => `gatewayctl route explain '${url.replaceAll("'", "'\\''")}'`,
  },
  republish: {
    title: "Publish all routes again?",
    body: "A worker looks for drift and writes Traefik’s whole tree again, also where it looks right. It is for a Traefik that missed a change. Requests are served meanwhile; tenants with open work are left to it.",
    submit: "Publish all routes again",
    cancel: "Leave it",
    progress: "Publishing all routes again",
    done: (tenants: number, keys: number) =>
      `${tenants} ${tenants === 1 ? "route was" : "routes were"} written, in ${keys} keys.`,
    cli: "gatewayctl route republish",
  },
} as const;
