// The English of the pages about work on the whole fleet. Numbers and names come in as arguments.
import type { JobKind, JobState, OrphanKind } from "./types";

const kind: Record<JobKind, string> = {
  verify: "Audit of the fleet",
  reconcile: "Look for drift",
  collect: "Collect orphans",
  reseal: "Seal secrets again",
};

const kindMeaning: Record<JobKind, string> = {
  verify: "Looks whether everything is as promised, and changes nothing.",
  reconcile: "Compares the world with the tenants’ rows and has what differs repaired.",
  collect: "Removes what carries this control plane’s mark and no tenant owns.",
  reseal: "Seals every stored secret again with the first key of the settings.",
};

const state: Record<JobState, string> = {
  pending: "Waiting",
  running: "Running",
  succeeded: "Succeeded",
  failed: "Failed",
};

const orphanKind: Record<OrphanKind, string> = {
  database: "Database",
  role: "Role",
  network: "Network",
  container: "Container",
  route: "Route",
};

/** What each promise says; the audit names them by number. */
const promise: Record<string, string> = {
  I1: "An active tenant is served, whole.",
  I2: "A tenant that is not to be served is not.",
  I3: "No two tenants share anything of their own.",
  I5: "No data goes before its time.",
  I8: "Nothing happens under an older claim after a younger one began.",
  I12: "Nothing stands anywhere without an owner.",
  I13: "Every change of status is recorded and legal.",
  I28: "What is published follows from the rows.",
};

const things = (count: number, one: string, many: string) => `${count} ${count === 1 ? one : many}`;

export const text = {
  kind,
  kindMeaning,
  state,
  orphanKind,
  promise,
  list: {
    title: "Jobs",
    intro: "Work on the whole fleet, each done by one worker. Newest first.",
    caption: "Jobs on the fleet",
    columns: {
      kind: "Job",
      state: "State",
      by: "Asked for by",
      created: "Asked for",
      took: "Took",
      worker: "Worker",
    },
    emptyTitle: "No jobs yet",
    emptyBody: "An audit, a look for drift or a collection of orphans leaves a job here.",
    cli: "gatewayctl verify",
  },
  one: {
    title: (what: JobKind) => kind[what],
    facts: "Facts",
    result: "Result",
    by: "Asked for by",
    created: "Asked for",
    started: "Taken",
    ended: "Ended",
    took: "Took",
    worker: "Worker",
    id: "Id",
    parameters: "With",
    noParameters: "nothing said: the whole fleet",
    all: "All jobs",
  },
  waiting: "Waiting for a worker to take it. Workers have to run for that.",
  running: (worker: string | null) => (worker ? `The worker ${worker} is at it.` : "A worker is at it."),
  runningFor: (length: string) => `running for ${length}`,
  tookLong: (length: string) => `took ${length}`,
  failed: "The job failed",
  openJob: "See the job",
  announce: (what: JobKind, how: JobState) => `${kind[what]}: ${state[how].toLowerCase()}.`,
  noResult: "It has left no result.",
  lookedAt: (tenants: number) => `${things(tenants, "tenant was", "tenants were")} looked at.`,
  unknownTitle: "Could not be looked at",
  unknownBody: "Nothing is said about what is there.",
  notAccepted: "That was not accepted",
  verifyPage: {
    title: "Verify",
    intro:
      "Compares every tenant’s row with everything that stands outside and with what the records say. It changes nothing, and runs beside the work on tenants.",
    run: "Run an audit",
    tenants: "Only these tenants",
    tenantsHint: "Keys with commas between; the whole fleet when left empty.",
    quick: "Quick",
    quickHint: "Leaves out what takes long, such as entering every tenant’s database.",
    submit: "Run the audit",
    report: "Report",
    latest: "The latest report",
    none: "No audit has run lately.",
  },
  verify: {
    clean: "Everything was looked at and is as promised.",
    found: (count: number) => `${things(count, "thing is", "things are")} not as promised.`,
    unclear: "What could be looked at is as promised, but not everything could be.",
    settling: (count: number) =>
      `${things(count, "tenant has", "tenants have")} open work and was judged in part only.`,
    skipped: "Left out",
    expected: "Expected",
    foundThere: "Found",
    wholeFleet: "The fleet",
    promiseOf: (number: string) => promise[number] ?? number,
    count: (count: number) => things(count, "finding", "findings"),
  },
  reconcile: {
    none: "Nothing differs from the tenants’ rows.",
    found: (count: number) => `${things(count, "thing differs", "things differ")} from the tenants’ rows.`,
    repairing: (count: number) => `${things(count, "repair was", "repairs were")} asked for.`,
    refused: "Nothing was repaired",
    orphans: (count: number) => `${things(count, "object is", "objects are")} owned by no tenant.`,
    orphansCaption: "Objects that no tenant owns",
    caption: "What differs",
    columns: { tenant: "Tenant", what: "What", wanted: "Wanted", observed: "Observed", repair: "Repair" },
    asked: "Asked for",
    left: "Left",
    republished: (tenants: number, keys: number, removed: number) =>
      `Published again: ${things(tenants, "route", "routes")} in ${things(keys, "key", "keys")}; ${things(removed, "stale key", "stale keys")} removed.`,
    unsettled: (count: number) => `${things(count, "tenant was", "tenants were")} left to open work.`,
    fenced: (count: number) => `${things(count, "tenant was", "tenants were")} written by a newer claim.`,
  },
  collect: {
    wouldRemove: (count: number) => `${things(count, "object", "objects")} would be removed.`,
    removed: (count: number) => `${things(count, "object was", "objects were")} removed.`,
    kept: (count: number) => `${things(count, "object stays", "objects stay")}.`,
    gone: "To be removed",
    goneFor: "Removed",
    stays: "Stays, and why",
    columns: { kind: "Kind", place: "Place", name: "Name", why: "Why" },
  },
  reseal: {
    wouldDo: (key: string) => `Counted only; the key that seals is ${key}.`,
    done: (count: number, key: string) =>
      `${things(count, "secret was", "secrets were")} sealed with ${key}.`,
    unreadable: (count: number) =>
      `${things(count, "secret", "secrets")} cannot be opened by any key of the settings.`,
    caption: "Secrets by key",
    columns: { key: "Key", count: "Secrets" },
  },
} as const;
