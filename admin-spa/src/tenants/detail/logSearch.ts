import { asOneOf, asText, type RawSearch } from "../../search";

export const lineCounts = [100, 200, 500, 1_000, 2_000] as const;
export const DEFAULT_LINES = 200;

export const sinces = ["5m", "1h", "24h"] as const;
type Since = (typeof sinces)[number];

const MINUTE_MS = 60_000;
const sinceMs: Record<Since, number> = {
  "5m": 5 * MINUTE_MS,
  "1h": 60 * MINUTE_MS,
  "24h": 24 * 60 * MINUTE_MS,
};

/** Which lines of a log are read, and how they are shown. */
export interface LogSearch {
  lines?: (typeof lineCounts)[number];
  since?: Since;
  /** Absent where long lines are wrapped. */
  wrap?: "no";
}

/** Reads an address; what it does not know is left out. */
export function readLogSearch(search: RawSearch): LogSearch {
  const lines = lineCounts.find((count) => String(count) === asText(search.lines));
  const since = asOneOf(search.since, sinces);
  return {
    ...(lines && lines !== DEFAULT_LINES ? { lines } : {}),
    ...(since ? { since } : {}),
    ...(search.wrap === "no" ? { wrap: "no" } : {}),
  };
}

/** The time from which lines are wanted, to the second as the server takes it. */
export const timeOf = (since: Since, now: number): string =>
  `${new Date(now - sinceMs[since]).toISOString().slice(0, 19)}Z`;
