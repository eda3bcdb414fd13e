import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import { ProblemError } from "../api/problem";
import type { components, paths } from "../api/schema";

type Schemas = components["schemas"];

/** What can be plotted over time. */
export type Metric = Schemas["Metric"];
/** What can be plotted of one tenant; the server refuses the others. */
type TenantMetric = paths["/api/gateway/tenants/{id_or_key}/series"]["get"]["parameters"]["query"]["metric"];
export type Unit = Schemas["Unit"];
/** Numbers over time: each line has one value for each of `times`, which are seconds since 1970. */
export type Series = Schemas["Series"];

export const ranges = ["1h", "6h", "24h", "7d", "30d"] as const;
/** How far back a plot goes. */
export type Range = (typeof ranges)[number];

const HOUR = 3_600;
const rangeSeconds: Record<Range, number> = {
  "1h": HOUR,
  "6h": 6 * HOUR,
  "24h": 24 * HOUR,
  "7d": 7 * 24 * HOUR,
  "30d": 30 * 24 * HOUR,
};

/** Points that a plot of a page's width can show. */
const POINTS = 240;
const POLL_MS = 15_000;

/**
 * One metric of the fleet, or of one tenant by id or key. Null where this gateway keeps no numbers: it may be older than this
 * console.
 */
export const seriesQuery = (metric: Metric, range: Range, tenant?: string) =>
  queryOptions({
    queryKey: ["series", metric, range, tenant ?? ""],
    queryFn: async ({ signal }): Promise<Series | null> => {
      const seconds = rangeSeconds[range];
      const query = {
        metric,
        from: new Date(Date.now() - seconds * 1_000).toISOString(),
        step: Math.max(1, Math.round(seconds / POINTS)),
      };
      const call =
        tenant === undefined
          ? api.GET("/api/gateway/series", { params: { query }, signal })
          : api.GET("/api/gateway/tenants/{id_or_key}/series", {
              params: { path: { id_or_key: tenant }, query: { ...query, metric: metric as TenantMetric } },
              signal,
            });
      try {
        return await unwrap(call);
      } catch (error) {
        if (error instanceof ProblemError && error.code === "route_not_found") return null;
        throw error;
      }
    },
    refetchInterval: (query) => (query.state.data === null ? false : POLL_MS),
  });
