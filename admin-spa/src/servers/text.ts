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
    emptyTitle: "No database server yet",
    emptyBody:
      "A worker makes the server of its settings known when it starts. Start a worker, and it stands here.",
    cli: "gatewayctl server list",
  },
  capacity: {
    title: "Capacity",
    hint: "Connections are what the tenants’ logins may hold together, against what the server takes. More promised than there is is usual: most apps hold few.",
    tenants: "Tenants",
    connections: "Connections promised",
    databases: "Databases",
    bytes: "Size on disk",
  },
  region: (where: string) => `in ${where}`,
  one: {
    facts: "Facts",
    fields: { address: "Address", region: "Region", created: "Made known", id: "Id" },
    addressHint: "as the tenants’ apps reach it",
    noTenants: "No tenant is on this server.",
    all: "All database servers",
  },
  actions: {
    label: "Actions",
    edit: "Edit",
    drain: "Drain…",
    start: "Start",
    done: {
      drain: (name: string) => `${name} takes no new tenants.`,
      start: (name: string) => `${name} takes new tenants again.`,
      edit: (name: string) => `${name} was changed.`,
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
  form: {
    editTitle: (name: string) => `Edit ${name}`,
    capacity: "Takes at most",
    capacityUnit: "tenants",
    capacityHint: "Empty for any number. Those it has stay, also above the limit.",
    capacityWrong: "A whole number from 0 to 1,000,000, or nothing.",
    region: "Region",
    regionHint: "Where it stands, in your own words.",
    address: "Its address is a setting of the worker.",
    save: "Save",
    cancel: "Cancel",
    failed: "That was not accepted",
  },
} as const;
