// The English of the pages about shared pools. Numbers and names come in as arguments.
import type { PoolState } from "./api";

const state: Record<PoolState, string> = {
  active: "Active",
  draining: "Draining",
  stopped: "Stopped",
  deleting: "Deleting",
};

const stateMeaning: Record<PoolState, string> = {
  active: "It takes new tenants and serves those it has.",
  draining: "It takes no new tenants and serves those it has.",
  stopped: "It takes no new tenants, and those it has get the 503 page.",
  deleting: "Its containers are being removed; it goes with the last of them.",
};

const tenants = (count: number) => `${count} ${count === 1 ? "tenant" : "tenants"}`;

export const text = {
  state,
  stateMeaning,
  list: {
    title: "Pools",
    intro: "A pool is a group of app containers or URLs that serves tenants of the tier shared.",
    create: "New pool",
    caption: "Pools",
    asCards: "Cards",
    asTable: "Table",
    viewLabel: "Show as",
    columns: {
      name: "Pool",
      state: "State",
      tenants: "Tenants",
      capacity: "Takes at most",
      weight: "Weight",
      load: "Tenants ÷ weight",
      members: "Members",
      created: "Made",
    },
    emptyTitle: "No pools yet",
    emptyBody:
      "A worker makes the pool of its settings known when it starts. Further pools are made here, for tenants of the tier shared.",
    cli: "gatewayctl pool create eu-1 --backend http://10.0.0.5:8080",
  },
  tenantsLabel: "Tenants",
  unlimited: "any number",
  fromSettings: "From the settings",
  fromSettingsMeaning: "A worker’s settings say where it is, so its members are not changed here.",
  members: (count: number) => `${count} ${count === 1 ? "member" : "members"}`,
  weight: (weight: number) => `weight ${weight}`,
  one: {
    facts: "Facts",
    fields: {
      state: "State",
      weight: "Weight",
      load: "Tenants ÷ weight",
      created: "Made",
      id: "Id",
      settings: "Where it is",
    },
    members: "Members",
    membersHint: "Where requests for its tenants go. Health is as Traefik’s own checks find it.",
    memberColumns: { url: "URL", health: "Traefik says" },
    healthUnknown: "not known",
    noTenants: "No tenant is in this pool.",
    capacity: "Capacity",
    all: "All pools",
  },
  actions: {
    label: "Actions",
    edit: "Edit",
    drain: "Drain…",
    start: "Start",
    stop: "Stop…",
    delete: "Delete…",
    done: {
      drain: (name: string) => `${name} takes no new tenants.`,
      start: (name: string) => `${name} is active again.`,
      stop: (name: string) => `${name} is stopped.`,
      delete: (name: string) => `${name} was deleted.`,
      create: (name: string) => `${name} was made.`,
      edit: (name: string) => `${name} was changed.`,
    },
  },
  drain: {
    title: (name: string) => `Drain ${name}?`,
    body: (count: number) =>
      `No new tenants are put into it. ${count === 0 ? "It has none" : `The ${tenants(count)} it has ${count === 1 ? "is" : "are"} served on`}; move them away to empty it.`,
    others: (names: readonly string[]) =>
      names.length > 0
        ? `New tenants go to ${names.join(", ")}.`
        : "No other active pool has room: creating a tenant of the tier shared will be refused.",
    submit: (name: string) => `Drain ${name}`,
    cancel: "Leave it active",
  },
  stop: {
    title: (name: string) => `Stop ${name}?`,
    body: (count: number) =>
      count === 0
        ? "It has no tenants, so nobody notices. It takes no new ones."
        : `The hosts of ${tenants(count)} answer with the 503 page until you start it again. Their data is not touched.`,
    submit: (name: string) => `Stop ${name}`,
    cancel: "Keep it serving",
  },
  remove: {
    title: (name: string) => `Delete ${name}?`,
    body: "The pool goes for good. Its members are not the gateway’s and run on.",
    hasTenants: (count: number) =>
      `${tenants(count)} ${count === 1 ? "is" : "are"} in it, so the deletion will be refused: move them to another pool first.`,
    fromSettings: "A worker’s settings say where it is, so the deletion will be refused.",
    deletedOnes: "The rows of deleted tenants remember their pool too: one that ever had a tenant stays.",
    submit: (name: string) => `Delete ${name}`,
    cancel: "Keep it",
  },
  form: {
    createTitle: "New pool",
    editTitle: (name: string) => `Edit ${name}`,
    name: "Name",
    nameHint: "1 to 40 of a–z, 0–9 and hyphen. It can’t be changed later.",
    nameWrong: "1 to 40 of a–z, 0–9 and hyphen, with no hyphen at its ends.",
    members: "Members",
    membersHint:
      "Where they answer, one URL a line, as Traefik and the tenant port reach them. Requests are spread over them.",
    membersMissing: "Enter at least one URL.",
    membersWrong: (line: string) => `“${line}” is no URL that begins with http:// or https://.`,
    membersFixed: "They are a setting of the worker.",
    capacity: "Takes at most",
    capacityUnit: "tenants",
    capacityHint: "Empty for any number.",
    capacityWrong: "A whole number from 0 to 1,000,000, or nothing.",
    weight: "Weight",
    weightHint:
      "A tenant whose creator names no pool goes where tenants divided by weight are fewest. 100 is usual.",
    weightWrong: "A whole number from 1 to 1,000.",
    membersEffect: "Requests go to the members at once; a look for drift leads Traefik there.",
    create: "Make the pool",
    save: "Save",
    cancel: "Cancel",
    failed: "That was not accepted",
  },
} as const;
