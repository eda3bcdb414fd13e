import type { EventKind } from "../api/types";

const kinds: Record<EventKind, string> = {
  "tenant.created": "created",
  "tenant.edited": "edited",
  "tenant.paused": "paused",
  "tenant.resumed": "resumed",
  "tenant.moved": "moved to another pool",
  "tenant.pending": "waits for a worker",
  "tenant.provisioning": "is being worked on",
  "tenant.activated": "is active",
  "tenant.suspended": "is suspended",
  "tenant.failed": "failed",
  "tenant.deleting": "is being deleted",
  "tenant.purging": "is being removed for good",
  "tenant.deleted": "is deleted",
  "tenant.drifted": "differs from what is wanted",
  "tenant.repaired": "is repaired",
  "operation.opened": "operation opened",
  "operation.succeeded": "operation succeeded",
  "operation.failed": "operation failed",
  "operation.cancelled": "operation cancelled",
  "job.opened": "job opened",
  "job.succeeded": "job succeeded",
  "job.failed": "job failed",
  "pool.created": "pool made",
  "pool.edited": "pool changed",
  "pool.deleted": "pool removed",
  "api_key.created": "API key made",
  "api_key.rotated": "API key exchanged",
  "api_key.revoked": "API key revoked",
};

const families: Record<string, string> = {
  tenant: "Tenants",
  operation: "Operations",
  job: "Jobs",
  pool: "Pools",
  api_key: "API keys",
};

/** The words of the page of events. */
export const eventsText = {
  rail: "Events",
  title: "Events",
  caption: "What happened, newest first",
  columns: { at: "When", what: "What", tenant: "About", actor: "By", data: "More" },
  kinds,
  families,
  /** An event in words; a kind this build does not know keeps the server's word. */
  kind: (kind: string) => (kind in kinds ? kinds[kind as EventKind] : kind),
  family: (family: string) => families[family] ?? family,
  fields: { kind: "Kind", tenant: "Tenant" },
  hint: "kind:tenant.failed tenant:acme",
  wordsIgnored: "Events are filtered by kind: and tenant: only.",
  pause: "Pause",
  resume: "Go on",
  waiting: (count: number) => `${count} more since you paused`,
  gap: (missed: number) =>
    `${missed} ${missed === 1 ? "event" : "events"} in between ${missed === 1 ? "is" : "are"} not shown`,
  gapHint: "They belong to what you may not see, or came while the stream was broken.",
  following: "New events appear here as they happen.",
  notFollowing: "The stream is not open at the moment.",
  kept: (count: number) => `The last ${count} are shown.`,
  emptyTitle: "No event yet",
  empty: "What happens to tenants, operations, jobs, pools and keys appears here.",
  cli: "gatewayctl event follow",
  operation: "Operation",
} as const;
