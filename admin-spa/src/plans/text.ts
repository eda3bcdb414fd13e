// The English of the pages about plans. Numbers and names come in as arguments.
import type { PlanNetwork } from "./api";
import type { LimitName } from "./limits";

const limit: Record<LimitName, string> = {
  connection_limit: "Connections",
  statement_timeout_seconds: "Longest statement",
  idle_in_transaction_timeout_seconds: "Longest idle transaction",
  memory_mib: "Memory",
  cpus: "CPUs",
  pids: "Processes",
};

const limitUnit: Record<LimitName, string> = {
  connection_limit: "",
  statement_timeout_seconds: "s",
  idle_in_transaction_timeout_seconds: "s",
  memory_mib: "MiB",
  cpus: "",
  pids: "",
};

const limitHint: Record<LimitName, string> = {
  connection_limit: "That the app’s login may hold. Empty: as the settings say.",
  statement_timeout_seconds: "Longest time for a statement of the app. Empty: 60 s.",
  idle_in_transaction_timeout_seconds:
    "Longest time for a transaction of the app to do nothing. Empty: 60 s.",
  memory_mib: "Of a dedicated tenant’s container. Empty: as the settings say.",
  cpus: "Of a dedicated tenant’s container. Empty: as the settings say.",
  pids: "Of a dedicated tenant’s container. Empty: as the settings say.",
};

const network: Record<PlanNetwork, string> = {
  "per-tenant": "Each its own",
  "per-pool": "That of the pool",
  none: "None",
};

const networkHint: Record<PlanNetwork, string> = {
  "per-tenant": "Each tenant has a Docker network and a subnet of its own.",
  "per-pool":
    "A tenant has none of its own; it is on the network of the managed pool that serves it. Dedicated tenants have their own all the same.",
  none: "A tenant has no network. Dedicated tenants have their own all the same.",
};

const NUMBER = new Intl.NumberFormat("en");
const asSettings = "as the settings say";
const tenants = (count: number) => `${count} ${count === 1 ? "tenant" : "tenants"}`;

export const text = {
  limit,
  limitUnit,
  limitHint,
  asSettingsShort: "settings",
  limitOf: (name: LimitName, value: number | null) =>
    value === null ? asSettings : [NUMBER.format(value), limitUnit[name]].filter(Boolean).join(" "),
  network,
  networkHint,
  tier: { shared: "Shared", dedicated: "Dedicated", any: "Any tier" },
  defaultPlan: "The one tenants get whose creator names none",
  list: {
    title: "Plans",
    intro: "The limits that tenants of one kind have in common, and what network they have.",
    create: "New plan",
    caption: "Plans",
    columns: {
      name: "Plan",
      title: "Title",
      tier: "For",
      network: "Network",
      tenants: "Tenants",
      updated: "Changed",
    },
    emptyTitle: "No plans",
    emptyBody: "A plan holds the limits that tenants of one kind have in common.",
    cli: "gatewayctl plan create gold --title Gold --connections 40",
  },
  one: {
    limits: "Limits",
    facts: "Facts",
    fields: {
      title: "Title",
      tier: "For tenants of",
      network: "Network of its tenants",
      tenants: "Tenants",
      created: "Made",
      updated: "Changed",
    },
    all: "All plans",
  },
  actions: {
    label: "Actions",
    edit: "Edit",
    delete: "Delete…",
    done: {
      create: (name: string) => `The plan ${name} was made.`,
      edit: (name: string) => `The plan ${name} was changed.`,
      delete: (name: string) => `The plan ${name} was deleted.`,
    },
  },
  remove: {
    title: (name: string) => `Delete the plan ${name}?`,
    body: "It can’t be given to tenants any more.",
    isDefault: "This plan stays: tenants get it whose creator names none. The deletion will be refused.",
    hasTenants: (count: number) =>
      `${tenants(count)} ${count === 1 ? "has" : "have"} it, so the deletion will be refused: give them another plan first.`,
    deletedOnes: "The rows of deleted tenants remember their plan too: one that ever had a tenant stays.",
    submit: (name: string) => `Delete ${name}`,
    cancel: "Keep it",
  },
  form: {
    createTitle: "New plan",
    editTitle: (name: string) => `Edit the plan ${name}`,
    name: "Name",
    nameHint: "What a tenant’s field plan holds: 1 to 40 of a–z, 0–9 and hyphen. It can’t be changed later.",
    nameWrong: "1 to 40 of a–z, 0–9 and hyphen, with no hyphen at its ends.",
    title: "Title",
    titleHint: "What people read.",
    titleMissing: "Enter a title.",
    tier: "For tenants of",
    tierHint: "It can’t be changed later.",
    network: "Network of its tenants",
    networkFixed: "A dedicated tenant has its own: its container is on it.",
    outside: (least: number, most: number) =>
      `From ${NUMBER.format(least)} to ${NUMBER.format(most)}, or nothing.`,
    create: "Make the plan",
    preview: "See what it changes",
    cancel: "Cancel",
    failed: "That was not accepted",
    unchanged: "Nothing is changed.",
  },
  preview: {
    title: "What this changes",
    caption: "Changes of the plan",
    columns: { what: "What", before: "Before", after: "After" },
    titleRow: "Title",
    networkRow: "Network of its tenants",
    touches: (count: number) =>
      count === 0
        ? "No tenant has this plan, so no work follows."
        : `${tenants(count)} ${count === 1 ? "has" : "have"} this plan: the work of each is done again, behind what people wait for. Roles and containers get the new limits, networks are made or removed; connections that are open stay open.`,
    titleOnly: "Only its title changes, so no work follows.",
    submit: (count: number) => (count === 0 ? "Change the plan" : `Change the plan of ${tenants(count)}`),
    back: "Go on editing",
    stale: "The plan has changed since you opened it. Load it again, then make your change.",
    reload: "Load it again",
  },
} as const;
