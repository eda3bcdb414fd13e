// The English of the pages about drift and orphans. Numbers and names come in as arguments.
import type { DriftKind, DriftRepair } from "./api";

const kind: Record<DriftKind, string> = {
  role_missing: "Role missing",
  role_differs: "Role changed",
  database_lost: "Database gone",
  database_differs: "Database changed",
  network_missing: "Network missing",
  network_differs: "Network changed",
  network_duplicate: "More than one network",
  wall_missing: "Network not kept apart",
  container_missing: "Container missing",
  container_stopped: "Container stopped",
  container_running: "Container runs while suspended",
  container_differs: "Container replaced",
  route_missing: "Route missing",
  route_differs: "Route changed",
  route_mode: "Led to otherwise",
  returned: "Back after deletion",
};

const repair: Record<DriftRepair, string> = {
  asked: "Being repaired",
  repaired: "Repaired",
  refused: "Held back",
  left: "Left",
  impossible: "Needs somebody",
};

const repairMeaning: Record<DriftRepair, string> = {
  asked: "The tenant is due; its work is not done yet.",
  repaired: "It was made true since; the next look takes it off this list.",
  refused: "The guard stopped the repairs of the whole look.",
  left: "The tenant had other work, or only a look was asked for.",
  impossible: "Converging the tenant would not heal it.",
};

const things = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

export const text = {
  kind,
  repair,
  repairMeaning,
  drift: {
    title: "Drift",
    intro:
      "What the last look found that was not as the tenants’ rows say. It stands here until a look finds the tenant in order.",
    look: "Look now",
    lookMeaning: "Finds, and repairs nothing.",
    repairAll: "Repair everything…",
    repairSelected: (count: number) => `Repair ${things(count, "tenant", "tenants")}`,
    repairOne: (key: string) => `Repair ${key}`,
    repairWord: "Repair",
    actionsLabel: "What to do with the selected tenants",
    caption: "Drift by tenant",
    select: (key: string) => `Select ${key}`,
    columns: {
      tenant: "Tenant",
      status: "Status",
      what: "What differs",
      wanted: "Wanted",
      observed: "Found",
      since: "Since",
      repair: "Repair",
      act: "Act",
    },
    kindFilter: "Kind",
    tenantHint: "Key or id of a tenant, whole",
    emptyTitle: "Nothing differs",
    emptyBody:
      "The last look found every tenant as its row says. Workers look when they start, and again and again.",
    neverTitle: "No look has ended yet",
    neverBody: "Every worker looks for drift when it starts. Look now to have it done at once.",
    noMatchTitle: "No drift matches",
    noMatchBody: "Change the kind or the tenant, or look at all of it.",
    cli: "gatewayctl reconcile",
    notAccepted: "That was not accepted",
    progress: "The look that was asked for",
  },
  repairAllDialog: {
    title: "Look at the whole fleet and repair what differs?",
    body: "A worker compares the world with every tenant’s row and has what differs made true again. Repairs go behind what people asked for. If very many tenants differ at once, the guard holds all of them back.",
    submit: "Repair everything",
    cancel: "Leave it",
    cli: "gatewayctl drift repair",
  },
  lastLook: {
    title: "The last look",
    tenants: "Tenants looked at",
    at: "Ended",
    since: "Looks end so since",
    orphans: "Objects nobody owns",
    refused: "Nothing was repaired",
    none: "No look at the whole fleet has ended yet.",
  },
  orphans: {
    title: "Orphans",
    intro:
      "Databases, roles, networks, containers and routes with the mark of this control plane that no tenant owns. Nothing removes them by itself.",
    collect: "See what could go",
    collectHint:
      "A worker says what would be removed and what stays, and why. Nothing is removed before you have seen that.",
    kinds: "Kinds",
    kindsHint: "All of them when none is chosen.",
    quarantine: "Seen for at least",
    quarantineUnit: "hours",
    quarantineHint: "Empty: as the setting orphan_quarantine_seconds says.",
    quarantineWrong: "A number of hours from 0 to 8,760, or nothing.",
    restoreTitle: "Was the control database restored lately?",
    restoreBody:
      "Then do not collect: tenants made since the copy look like orphans. Bring their rows back first.",
    caption: "Objects that no tenant owns",
    columns: {
      kind: "Kind",
      place: "Place",
      name: "Name",
      tenant: "Tenant’s id",
      since: "Seen since",
      by: "Removal",
    },
    condemned: (who: string) => `asked for by ${who}`,
    detail: "What was seen",
    emptyTitle: "Nothing without an owner",
    emptyBody:
      "Everything with the mark of this control plane belongs to a tenant, as far as the last look saw.",
    cli: "gatewayctl gc",
    preview: "What would go",
    result: "What was removed",
    remove: (count: number) => `Remove ${things(count, "object", "objects")}…`,
    again: "Begin again",
    dialogTitle: (count: number) => `Remove ${things(count, "object", "objects")} for good?`,
    dialogBody: (counts: string) =>
      `${counts} will be removed. This can’t be undone: databases go with their data. Each is looked at afresh, and only goes if it still has no owner.`,
    dialogSubmit: (count: number) => `Remove ${things(count, "object", "objects")} for good`,
    dialogCancel: "Keep them",
    countOf: (kindWord: string, count: number) => `${count} × ${kindWord.toLowerCase()}`,
  },
} as const;
