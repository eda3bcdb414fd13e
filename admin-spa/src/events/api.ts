import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import type { GatewayEvent } from "../api/types";

/** The most events of one page of the API. */
const BACKLOG = 200;
/** A kind that is rare. A page of it that is not full ends at the present end of all events. */
const RARE = "pool.deleted";

export interface EventFilter {
  kind?: string;
  tenant?: string;
}

/** The number of the last event there is. */
async function findEnd(signal: AbortSignal): Promise<number> {
  let after: string | undefined;
  for (;;) {
    const query = { kind: RARE, limit: BACKLOG, ...(after === undefined ? {} : { after }) };
    const page = await unwrap(api.GET("/api/gateway/events", { params: { query }, signal }));
    if (page.items.length < BACKLOG) return Number(page.next_cursor);
    after = page.next_cursor;
  }
}

/** The latest events that fit, oldest first. Events are numbered without gaps, so the way back from the end is known. */
export const backlogQuery = (filter: EventFilter) =>
  queryOptions({
    queryKey: ["backlog", filter],
    queryFn: async ({ signal }) => {
      const ask = (after: string, limit: number) =>
        unwrap(api.GET("/api/gateway/events", { params: { query: { ...filter, after, limit } }, signal }));
      const end = await findEnd(signal);
      // A filter thins them out: look further back for as many.
      const back = filter.kind || filter.tenant ? BACKLOG * 50 : BACKLOG;
      const found = await ask(String(Math.max(0, end - back)), BACKLOG).catch((error: unknown) => {
        if (end === 0) throw error;
        return ask(String(Math.max(0, end - BACKLOG)), BACKLOG);
      });
      return found.items;
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });

/** Whether an event fits a filter, as the server would say. */
export function fits(event: GatewayEvent, { kind, tenant }: EventFilter): boolean {
  if (tenant && event.tenant_key !== tenant && event.tenant_id !== tenant) return false;
  if (!kind) return true;
  return kind
    .split(",")
    .some((one) => (one.endsWith(".*") ? event.kind.startsWith(one.slice(0, -1)) : event.kind === one));
}
