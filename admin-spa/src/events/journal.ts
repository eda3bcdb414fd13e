import type { GatewayEvent } from "../api/types";

/** Rows a page holds; older ones go. */
export const MOST = 300;

/** Adds events to those that are there, newest first and each once; at most `MOST` stay. */
export function addEvents(
  events: readonly GatewayEvent[],
  added: readonly GatewayEvent[],
): readonly GatewayEvent[] {
  const known = new Set(events.map((event) => event.id));
  const fresh = added.filter((event) => !known.has(event.id));
  if (fresh.length === 0) return events;
  return [...fresh, ...events].toSorted((one, other) => other.id - one.id).slice(0, MOST);
}

/**
 * How many events are missing right below each event, by its id. The server numbers them without gaps; with a filter a
 * missing number means nothing.
 */
export function findGaps(events: readonly GatewayEvent[], isFiltered: boolean): ReadonlyMap<number, number> {
  const gaps = new Map<number, number>();
  if (isFiltered) return gaps;
  events.forEach((event, at) => {
    const older = events[at + 1];
    if (older && event.id - older.id > 1) gaps.set(event.id, event.id - older.id - 1);
  });
  return gaps;
}
