import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import type { Share } from "./topology";

const PAGE_SIZE = 200;
/** Tenants that are counted at most; a larger fleet is shown without these numbers. */
export const COUNTED = 1_000;
const POLL_MS = 30_000;

/** How many tenants are in which pool and on which server; null for a fleet that is too large to count here. */
export const sharesQuery = queryOptions({
  queryKey: ["tenants", "shares"],
  queryFn: async ({ signal }): Promise<Share[] | null> => {
    const shares = new Map<string, Share>();
    let cursor: string | undefined;
    for (let seen = 0; seen < COUNTED; seen += PAGE_SIZE) {
      const page = await unwrap(
        api.GET("/api/gateway/tenants", {
          params: {
            query: {
              sort: "key",
              limit: PAGE_SIZE,
              fields: ["pool_id", "server", "status"],
              ...(cursor ? { cursor } : {}),
            },
          },
          // The API takes the names of fields with commas between.
          querySerializer: { array: { style: "form", explode: false } },
          signal,
        }),
      );
      for (const tenant of page.items) {
        if (!tenant.server) continue;
        const pool = tenant.pool_id ?? null;
        const name = `${pool} ${tenant.server}`;
        const share = shares.get(name) ?? { pool, server: tenant.server, tenants: 0, failing: 0 };
        share.tenants += 1;
        if (tenant.status === "error") share.failing += 1;
        shares.set(name, share);
      }
      if (!page.next_cursor) return [...shares.values()];
      cursor = page.next_cursor;
    }
    return null;
  },
  refetchInterval: POLL_MS,
});
