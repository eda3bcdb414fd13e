import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import type { components } from "../../api/schema";
import type { GatewayEvent, Tenant } from "../../api/types";
import { useMay } from "../../session/useMay";

type Schemas = components["schemas"];
export type AuditEntry = Schemas["AuditEntry"];

/** Something that happened to a tenant, or a call that changed it. */
export type Entry =
  | { is: "event"; id: string; at: string; event: GatewayEvent }
  | { is: "call"; id: string; at: string; call: AuditEntry };

const EVENT_PAGE = 200;
/** Events are listed from the oldest on; of a tenant with more pages than these, the rest is left to the page of events. */
const MOST_PAGES = 10;
const CALLS = 100;
const POLL_MS = 30_000;

const eventsQuery = (tenant: string) =>
  queryOptions({
    queryKey: ["events", "of", tenant],
    queryFn: async ({ signal }) => {
      const events: GatewayEvent[] = [];
      let after: string | undefined;
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const query = { tenant, limit: EVENT_PAGE, ...(after ? { after } : {}) };
        const found = await unwrap(api.GET("/api/gateway/events", { params: { query }, signal }));
        events.push(...found.items);
        after = found.next_cursor;
        if (found.items.length < EVENT_PAGE) return { events, cut: false };
      }
      return { events, cut: true };
    },
    refetchInterval: POLL_MS,
  });

const callsQuery = (tenantId: string) =>
  queryOptions({
    queryKey: ["audit", "of", tenantId],
    queryFn: ({ signal }) => {
      const query = { target: `tenant:${tenantId}`, limit: CALLS };
      return unwrap(api.GET("/api/gateway/audit", { params: { query }, signal }));
    },
    refetchInterval: POLL_MS,
  });

/** Newest first; where two are of one moment, what was asked stands below what came of it. */
export function joinEntries(events: readonly GatewayEvent[], calls: readonly AuditEntry[]): Entry[] {
  const entries: Entry[] = [
    ...events.map((event): Entry => ({ is: "event", id: `event ${event.id}`, at: event.at, event })),
    ...calls.map((call): Entry => ({ is: "call", id: `call ${call.id}`, at: call.at, call })),
  ];
  return entries.toSorted((one, other) => {
    const apart = Date.parse(other.at) - Date.parse(one.at);
    if (apart !== 0) return apart;
    if (one.is === "event" && other.is === "event") return other.event.id - one.event.id;
    return one.is === other.is ? 0 : one.is === "event" ? -1 : 1;
  });
}

/** What happened to a tenant and who changed it, as far as the person may see. */
export function useActivity(tenant: Pick<Tenant, "id">) {
  const may = useMay();
  const events = useQuery(eventsQuery(tenant.id));
  const calls = useQuery({ ...callsQuery(tenant.id), enabled: may("audit:read") });
  return {
    events,
    calls,
    entries: joinEntries(events.data?.events ?? [], calls.data?.items ?? []),
  };
}
