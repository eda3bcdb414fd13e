import type { Query, QueryClient } from "@tanstack/react-query";

/**
 * Has everything read again that is shown and that may have changed.
 *
 * A first reading that is still under way may have begun before the change, and is not begun anew by itself: its answer is
 * taken, and then it is read again.
 */
export function readAgain(queries: QueryClient, predicate: (query: Query) => boolean): void {
  const cache = queries.getQueryCache();
  const first = cache
    .findAll({ predicate, fetchStatus: "fetching" })
    .filter(({ state }) => state.data === undefined);
  void queries.invalidateQueries({ predicate });
  for (const query of first) {
    const again = () => queries.invalidateQueries({ predicate: (one) => one === query });
    // The reading that is under way; a failure is shown by who asked for it.
    void query.fetch().then(again, again);
  }
}
