// The English of the pages about database servers. Numbers and names come in as arguments.
import type { ServerState } from "./api";

const state: Record<ServerState, string> = { active: "Active", draining: "Draining", offline: "Offline" };

const stateMeaning: Record<ServerState, string> = {
  active: "New tenants are placed on it.",
  draining: "No new tenants are placed on it; those it has stay and are served.",
  offline: "No new tenants are placed on it.",
};

const tenants = (count: number) => `${count} ${count === 1 ? "tenant" : "tenants"}`;

export const text = {
  state,
  stateMeaning,
  list: {
    title: "Database servers",
    intro: "The PostgreSQL servers that hold the tenants’ databases, with what is used up of each.",
    caption: "Database servers",
    create: "New database server",
    emptyTitle: "No database server yet",
    emptyBody:
      "A worker makes the server of its settings known when it starts. Further ones are made known here.",
    cli: "gatewayctl server create eu-1 --address db-1.internal:5432",
  },
  capacity: {
    title: "Capacity",
    hint: "Connections are what the tenants’ logins may hold together, against what the server takes. To promise more than it takes is usual: most apps hold few.",
    tenants: "Tenants",
    connections: "Connections promised",
    databases: "Databases",
    bytes: "Size on disk",
  },
  region: (where: string) => `in ${where}`,
  one: {
    facts: "Facts",
    fields: {
      address: "Address",
      region: "Region",
      reached: "Last reached",
      weight: "Weight",
      overcommit: "Connections promised at most",
      settings: "Where it is",
      created: "Made known",
      id: "Id",
    },
    neverReached: "never",
    anyOvercommit: "any number of times",
    overcommit: (times: number) => `${times} times those it takes`,
    fromSettings: "The settings say so: its address is not changed here, nor is it removed.",
    addressHint: "as the tenants’ apps reach it",
    noTenants: "No tenant is on this server.",
    all: "All database servers",
  },
  problem: {
    unheld: "No worker holds its credential",
    unheldMeaning:
      "Give the workers the credential of its administrator under its name, in tenant_database_urls, and restart them. Until then nothing is placed on it.",
    unreached: "Workers do not reach it",
    unreachedMeaning:
      "New tenants are placed on other servers where there are any; work on its tenants waits.",
    codes: "What the codes mean",
  },
  actions: {
    label: "Actions",
    edit: "Edit",
    delete: "Delete…",
    drain: "Drain…",
    start: "Start",
    done: {
      drain: (name: string) => `${name} takes no new tenants.`,
      start: (name: string) => `${name} takes new tenants again.`,
      edit: (name: string) => `${name} was changed.`,
      create: (name: string) => `${name} is known. Workers need its credential.`,
      delete: (name: string) => `${name} was deleted.`,
    },
  },
  drain: {
    title: (name: string) => `Drain ${name}?`,
    body: (count: number) =>
      `No new tenants are placed on it. ${count === 0 ? "It has none." : `The ${tenants(count)} it has ${count === 1 ? "stays and is" : "stay and are"} served.`}`,
    others: (names: readonly string[]) =>
      names.length > 0
        ? `New tenants are placed on ${names.join(", ")}.`
        : "No other active server has room: new tenants wait until one has.",
    submit: (name: string) => `Drain ${name}`,
    cancel: "Leave it active",
  },
  remove: {
    title: (name: string) => `Delete ${name}?`,
    body: "The gateway forgets the server. The server itself is left as it is.",
    hasTenants: (count: number) =>
      `${tenants(count)} ${count === 1 ? "is" : "are"} on it, kept data of deleted ones included, so the deletion will be refused.`,
    after: "Take its line out of the setting tenant_database_urls of every worker afterwards.",
    submit: (name: string) => `Delete ${name}`,
    cancel: "Keep it",
  },
  form: {
    createTitle: "New database server",
    createIntro:
      "Tenants are placed on it by the workers that hold the credential of its administrator under its name: give it to them in the setting tenant_database_urls.",
    create: "Make it known",
    name: "Name",
    nameHint: "1 to 40 of a–z, 0–9 and hyphen. Workers hold its credential by it; it can’t be changed later.",
    nameWrong: "1 to 40 of a–z, 0–9 and hyphen, with no hyphen at its ends.",
    addressHint: "host:port as the tenants’ apps reach it.",
    addressWrong: "host:port, an IPv6 address in brackets.",
    addressInUse: "Tenants are on it, and their apps were told this address: it stays.",
    weight: "Weight",
    weightHint: "A new tenant goes where tenants divided by weight are fewest. 100 is usual.",
    weightWrong: "A whole number from 1 to 1,000.",
    overcommit: "Connections promised at most",
    overcommitHint:
      "How many times those it takes may be promised to tenants by their plans: 1 for never more than there are, empty for any number.",
    overcommitWrong: "A number from 0.1 to 1,000, or nothing.",
    regionWrong: (most: number) => `${most} characters at most.`,
    stale: "The server has changed since you opened it. Load it again, then make your change.",
    reload: "Load it again",
    editTitle: (name: string) => `Edit ${name}`,
    capacity: "Takes at most",
    capacityUnit: "tenants",
    capacityHint: "Empty for any number. Those it has stay, also above the limit.",
    capacityWrong: "A whole number from 0 to 1,000,000, or nothing.",
    region: "Region",
    regionHint: "Where it stands, in your own words.",
    address: "Address",
    addressOfSettings: "It is the setting tenant_database_address.",
    save: "Save",
    cancel: "Cancel",
    failed: "That was not accepted",
  },
} as const;
