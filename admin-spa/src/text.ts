// Every English sentence of the console, in one place. Numbers and names come in as arguments.
import type {
  OperationKind,
  OperationState,
  Step,
  StepName,
  StepState,
  Tenant,
  TenantStatus,
  Tier,
} from "./api/types";

const status: Record<TenantStatus, string> = {
  pending: "Pending",
  provisioning: "Provisioning",
  active: "Active",
  suspended: "Suspended",
  deleting: "Deleting",
  purging: "Purging",
  deleted: "Deleted",
  error: "Error",
};

const tier: Record<Tier, string> = { shared: "Shared", dedicated: "Dedicated" };

const tierMeaning: Record<Tier, string> = {
  shared: "Own database and roles; requests are served by a shared pool of app containers.",
  dedicated: "Own database, roles, network and an app container of its own.",
};

const operationKind: Record<OperationKind, string> = {
  provision: "Provision",
  reconverge: "Reconverge",
  suspend: "Suspend",
  reactivate: "Reactivate",
  rotate: "Rotate credentials",
  move: "Move to another pool",
  undelete: "Undelete",
  deprovision: "Delete",
  purge: "Purge",
};

const operationState: Record<OperationState, string> = {
  pending: "Waiting",
  running: "Running",
  succeeded: "Succeeded",
  failed: "Failed",
  cancelled: "Cancelled",
};

const stepState: Record<StepState, string> = {
  started: "Running",
  succeeded: "Succeeded",
  skipped: "Nothing to do",
  failed: "Failed",
  abandoned: "Abandoned",
};

const stepName: Record<StepName, string> = {
  allocate: "Allocate a place",
  role: "Database roles",
  database: "Database",
  migrations: "Migrations",
  network: "Network",
  container: "Container",
  route: "Route",
  proof: "Proof over the route",
};

const stepTitle = ({ step, action }: Pick<Step, "step" | "action">) =>
  action === "ensure" ? stepName[step] : `${action === "retire" ? "Retire" : "Remove"}: ${stepName[step]}`;

/** The name of a step in words; a step this build does not know keeps the server's name. */
const stepWords = (step: string): string => (step in stepName ? stepName[step as StepName] : step);

/** One sentence that says what the tenant's state means for the person looking at it. */
function stateSentence(tenant: Tenant): string {
  const failed = tenant.operation?.state === "failed";
  switch (tenant.status) {
    case "pending":
      return tenant.error
        ? `The last attempt stopped at “${stepWords(tenant.error.step)}”. The worker will try again.`
        : "Waiting for a worker to pick it up.";
    case "provisioning":
      return "A worker is setting it up right now.";
    case "active":
      if (tenant.generation !== tenant.observed_generation)
        return "Serving, with a change still to be applied.";
      return tenant.host ? `Serving at ${tenant.host}.` : "Serving.";
    case "suspended":
      if (failed) return "To be suspended, but that failed and waits for you: fix the cause, then retry.";
      return "Suspended: its requests are not served. Its data is kept.";
    case "deleting":
      if (failed) return "To be removed, but that failed and waits for you: fix the cause, then retry.";
      if (tenant.purge_at)
        return "Out of service. Its data is kept for now, and the deletion can be taken back.";
      return "Being taken out of service: its route, container and network go, its database is closed.";
    case "purging":
      if (failed)
        return "To be removed for good, but that failed and waits for you: fix the cause, then retry.";
      return "Its data is being removed for good. There is no way back.";
    case "deleted":
      return "Deleted. This record and its history are what is left.";
    case "error":
      return tenant.error
        ? `Stopped at “${stepWords(tenant.error.step)}” and waiting for you: fix the cause, then retry.`
        : "Stopped and waiting for you: fix the cause, then retry.";
  }
}

export const text = {
  product: "Gateway",
  skipToContent: "Skip to the content",
  home: "Gateway, to the overview",
  tenants: "Tenants",
  none: "–",
  loading: "Loading…",
  close: "Close",
  version: (version: string) => `v${version}`,
  versionHint: (commit: string | null | undefined, builtAt: string | null | undefined) =>
    [commit ? `commit ${commit}` : "no commit recorded", builtAt ? `built ${builtAt}` : ""]
      .filter(Boolean)
      .join(", "),
  theme: { label: "Colour scheme", light: "Light", dark: "Dark", auto: "As the system" },
  user: {
    menu: (name: string) => `Account of ${name}`,
    signedInAs: "Signed in as",
    account: "Your account",
    logout: "Log out",
    logoutEverywhere: "Log out everywhere…",
    everywhereTitle: "Log out everywhere?",
    everywhereBody: "All your sessions end, this one too. Each browser needs your password again.",
    everywhereSubmit: "Log out everywhere",
  },

  problem: {
    status: (code: number, words: string) => `The server answered ${code}${words ? ` ${words}` : ""}`,
    unreachable: "Gateway can’t be reached",
    unreachableDetail: "No answer arrived. Check that the server runs and that this machine is online.",
    timeout: "Gateway did not answer in time",
    unexpected: "Something unexpected happened",
    requestId: "Request id",
    copy: "Copy",
    copied: "Copied",
    retry: "Try again",
    retryIn: (seconds: number) => `Try again in ${seconds} s`,
    stale: "Showing what was known before; the last refresh failed.",
  },
  notFound: {
    title: "Page not found",
    detail: "Nothing lives at this address.",
    back: "Go to the overview",
  },
  status,
  tier,
  tierMeaning,
  operationKind,
  operationState,
  stepState,
  stepName,
  stepTitle,
  stateSentence,
  paused: "Paused: the worker leaves this tenant alone until it is resumed.",
  purgeAt: "Its data is kept until",
  reason: (why: string) => `Being worked on without anybody asking: ${why}.`,
  nextAttempt: "Next attempt",
  list: {
    title: "Tenants",
    create: "New tenant",
    emptyTitle: "No tenants yet",
    emptyBody: "A tenant is one customer of your product, with a database, a network and a route of its own.",
    cli: "gatewayctl tenant create acme --company 'Acme Corporation'",
    noMatchTitle: "No tenant matches",
    noMatchBody: "Change the search or the status, or look at all of them.",
    clear: "Clear search and status",
    opens: (host: string) => `${host} (opens in a new tab)`,
    announce: (changes: string[]) => `${changes.join(", ")}.`,
    announceOne: (key: string, now: TenantStatus) => `${key} is now ${status[now].toLowerCase()}`,
    announceMany: (count: number) => `${count} tenants changed their status.`,
  },
  keyReason: {
    short: (least: number) => `At least ${least} characters.`,
    long: (most: number, now: number) => `At most ${most} characters; this has ${now}.`,
    letters: (found: string) => `Only a–z, 0–9 and hyphen; found ${found}.`,
    start: "Can’t start with a hyphen.",
    end: "Can’t end with a hyphen.",
    double: "Can’t have two hyphens in a row.",
    space: "a space",
  },
  tenant: {
    fields: {
      host: "Host",
      tier: "Tier",
      database: "Database",
      server: "Database server",
      network: "Network",
      route: "Route",
      image: "Container image",
      pool: "Shared pool",
      migration: "Migration version",
      generation: "Generation",
      attempt: "Attempt",
      id: "Id",
      created: "Created",
      updated: "Updated",
      deleted: "Deleted",
    },
    network: {
      "per-tenant": "one of its own",
      "per-pool": "that of the pool that serves it",
      none: "none, as its plan says",
    },
    networkNamed: {
      "per-tenant": (name: string, subnet: string) => `its own, ${name} on ${subnet}`,
      "per-pool": (name: string) => `that of its pool, ${name}`,
    },
    pinned: "a router of its own, whatever the routing mode",
    generation: (wanted: number, seen: number) =>
      wanted === seen ? `${wanted}` : `${wanted} wanted, ${seen} applied`,
    actions: {
      label: "Actions",
      suspend: "Suspend",
      reactivate: "Reactivate",
      retry: "Retry now",
      undelete: "Undelete",
      rotate: "Rotate credentials",
      pause: "Pause",
      resume: "Resume",
      delete: "Delete…",
      purge: "Remove for good…",
    },
    actionFailed: "That was not accepted",
  },
  suspend: {
    title: (key: string) => `Suspend ${key}?`,
    body: "Its requests stop being served. Its database and data stay, and reactivating brings it back.",
    submit: (key: string) => `Suspend ${key}`,
    cancel: "Keep it running",
  },
  remove: {
    title: (key: string) => `Delete ${key}?`,
    body: (company: string) =>
      `${company} goes out of service: its route, container and network are removed. Its data is kept for the grace that the server is set to, and until then the deletion can be taken back. The tenant’s page says until when.`,
    keptBody: (company: string) =>
      `The data of ${company} waits for its removal, and the deletion can still be taken back.`,
    purge: "Remove its data for good now",
    purgeMeaning: "Database and roles are removed at once, without the grace. This can’t be undone.",
    activeTitle: "It is still active",
    activeBody: "Suspend it first and make sure nobody misses it, or force the deletion.",
    force: "Delete it while it is serving",
    forceMeaning: "Requests under way are cut off and its users see errors at once.",
    confirm: (key: string) => `Type ${key} to confirm`,
    confirmPurge: (key: string) => `Type ${key} to remove its data for good`,
    submit: (key: string) => `Delete ${key}`,
    submitPurge: (key: string) => `Remove ${key} for good`,
    cancel: "Keep it",
  },
} as const;
