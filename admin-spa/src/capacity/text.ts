// The English of the pages about capacity, topology and placement. Numbers and names come in as arguments.
import type { PlaceVerdict } from "../fleet/placement";

const things = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

const verdict: Record<PlaceVerdict, string> = {
  chosen: "Takes the next tenant",
  later: "Has room",
  full: "Full",
  unready: "Not ready",
  closed: "Takes none",
};

export const text = {
  page: {
    title: "Capacity",
    asOf: "As of",
    subnets: "Networks of tenants",
    subnetsHint: (block: string) =>
      `Each tenant with a network of its own has a subnet out of ${block}. What rests after a deletion is neither used nor free.`,
    subnetsLabel: "Subnets",
    servers: "Database servers",
    serversHint:
      "Connections are what the tenants’ logins may hold together, against what the server takes. To promise more than it takes is usual: most apps hold few.",
    noServers: "No worker has made a server known yet.",
    pools: "Shared pools",
    noPools: "There is no pool.",
    docker: "Docker",
    dockerHint: "With the mark of this control plane, as the last look for drift saw them.",
    networks: "Networks",
    containers: "Containers",
    unmeasured: "not measured yet",
    measured: "measured",
    cli: "gatewayctl capacity",
  },
  queue: {
    title: "Queue of work",
    hint: "Work on tenants that is open, by whether somebody waits for it.",
    due: "Due, asked for",
    behind: "Due, repairs and further attempts",
    claimed: "Being worked on",
    later: "Due later",
    paused: "Paused",
    oldest: "The oldest due waits for",
    nothingDue: "nothing is due",
  },
  workers: {
    title: "Workers at work",
    hint: "Workers that hold a lease. One that waits for work is not seen.",
    caption: "Workers at work",
    columns: { name: "Worker", tenants: "Tenants", jobs: "Jobs" },
    none: "No worker has anything to do right now.",
  },
  topology: {
    title: "Topology",
    intro:
      "The way from the entry points to the tenants’ data. Lines are as thick as the tenants behind them are many.",
    label: "Topology of the fleet",
    columns: {
      entry: "Entry points",
      edge: "Edge",
      places: "Where tenants are served",
      servers: "Where their data is",
    },
    traefik: "Traefik",
    traefikUnknown: "not known",
    routers: (count: number) => things(count, "router", "routers"),
    noEntryPoints: "No entry point is known",
    ownContainers: "Own containers",
    noServers: "No database server",
    tenants: (count: number) => things(count, "tenant", "tenants"),
    failing: (count: number) => `${count} failing`,
    uncounted: (most: string) =>
      `With more than ${most} tenants it is not counted which pool’s tenants are on which server: those lines are dashed.`,
    goesTo: (names: readonly string[]) => `leads to ${names.join(", ")}`,
  },
  placement: {
    title: "Where would a tenant go",
    intro:
      "The rule by which a place is chosen for a tenant whose creator names none, applied to the fleet as it is now.",
    tier: "Tier",
    shared: "Shared",
    dedicated: "Dedicated",
    pools: "Pools",
    poolRule:
      "Among the active pools with room and a member that answers, the one where tenants divided by weight are fewest; that of the settings first among equals.",
    servers: "Database servers",
    serverRule:
      "Among the active servers with room, also for the connections they may promise, the one where tenants divided by weight are fewest; those that were not reached lately come last.",
    sharedAnswer: (pool: string, server: string) =>
      `A new tenant of the tier shared goes into the pool ${pool}, and its database to the server ${server}.`,
    dedicatedAnswer: (server: string) =>
      `A new tenant of the tier dedicated gets a container of its own, and its database goes to the server ${server}.`,
    noPool: "No active pool has room: creating a tenant of the tier shared is refused.",
    noServer: "No active database server has room: a new tenant waits until one has.",
    columns: {
      name: "Name",
      verdict: "Verdict",
      why: "Why",
      tenants: "Tenants",
      weight: "Weight",
      load: "Tenants ÷ weight",
      limit: "Takes at most",
    },
    verdict,
    why: {
      chosen: "the fewest tenants for its weight",
      later: "more tenants for its weight",
      full: "as many tenants as it takes",
      resting: "it was not reached when a worker last tried",
      noMember: "none of its members answers",
      unheld: "no worker holds its credential",
      closed: (state: string) => `it is ${state}`,
    },
    unlimited: "any number",
    ask: "Ask the gateway",
    askHint: "A dry run of a creation: nothing is made.",
    agrees: (pool: string) => `The gateway says the same: ${pool}.`,
    says: (pool: string) => `The gateway says: ${pool}. The fleet has changed since this page was read.`,
    saysDedicated: "The gateway would take it: a container of its own.",
    unknownPool: "a pool this page does not know",
    refused: "The gateway would refuse it",
  },
} as const;
