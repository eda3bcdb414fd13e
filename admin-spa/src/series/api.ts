import { queryOptions } from "@tanstack/react-query";
import { problemFromResponse } from "../api/problem";

/** What can be plotted over time. */
export type Metric =
  | "provision_latency"
  | "queue_depth"
  | "queue_wait"
  | "requests"
  | "errors"
  | "latency"
  | "tenants"
  | "databases"
  | "database_bytes"
  | "connections"
  | "subnets";

export type Unit = "seconds" | "per_second" | "count" | "bytes";

/** Numbers over time: each line has one value for each of `times`, which are seconds since 1970. */
export interface Series {
  metric: Metric;
  step_seconds: number;
  times: number[];
  series: { name: string; unit: Unit; values: (number | null)[] }[];
}

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
      const of = tenant === undefined ? "" : `/tenants/${encodeURIComponent(tenant)}`;
      const seconds = rangeSeconds[range];
      const query = new URLSearchParams({
        metric,
        from: new Date(Date.now() - seconds * 1_000).toISOString(),
        step: String(Math.max(1, Math.round(seconds / POINTS))),
      });
      const response = await fetch(new URL(`/api/gateway${of}/series?${query}`, window.location.origin), {
        headers: { accept: "application/json, application/problem+json" },
        credentials: "same-origin",
        signal,
      });
      if (response.ok) return (await response.json()) as Series;
      const problem = problemFromResponse(response, await response.json().catch(() => null));
      if (problem.code === "route_not_found") return null;
      throw problem;
    },
    refetchInterval: (query) => (query.state.data === null ? false : POLL_MS),
  });
