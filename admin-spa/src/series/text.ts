import type { Metric, Range } from "./api";

const titles: Record<Metric, string> = {
  provision_latency: "Until a new tenant is active",
  queue_depth: "Open work",
  queue_wait: "Longest wait for a worker",
  load_wait: "Longest wait for Traefik",
  requests: "Requests",
  errors: "Errors of the server",
  latency: "Time of requests",
  tenants: "Tenants",
  databases: "Databases",
  database_bytes: "Size of databases",
  connections: "Connections",
  subnets: "Subnets",
};

const ranges: Record<Range, string> = {
  "1h": "1 hour",
  "6h": "6 hours",
  "24h": "24 hours",
  "7d": "7 days",
  "30d": "30 days",
};

/** The words of plots. */
export const seriesText = {
  titles,
  ranges,
  title: "Over time",
  range: "Range",
  nothing: "Nothing was measured in this range.",
  sentence: (title: string, range: string, lines: string) => `${title} over the last ${range}. ${lines}`,
  line: (name: string, last: string, most: string) => `${name}: ${last} at last, ${most} at most.`,
  unknown: "not known",
} as const;
