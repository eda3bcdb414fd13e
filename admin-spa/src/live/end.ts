import { type QueryClient, queryOptions } from "@tanstack/react-query";
import { takeAsked } from "../api/asked";
import { api, unwrap } from "../api/client";

/**
 * Where the events end before any page reads anything; null where that cannot be had, or was taken.
 *
 * A stream that goes on from there tells all that pages may have missed, so nothing has to be read twice.
 */
export const endQuery = queryOptions({
  queryKey: ["end"],
  queryFn: async ({ signal }): Promise<string | null> => {
    const params = { query: { limit: 1 } };
    const call = api.GET("/api/gateway/events", { params, signal, ...takeAsked("end") });
    return unwrap(call).then(
      ({ end }) => end,
      () => null,
    );
  },
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
});

/** The end, for one stream: for a later one it is long past. */
export function takeEnd(queries: QueryClient): string | undefined {
  const end = queries.getQueryData(endQuery.queryKey);
  queries.setQueryData(endQuery.queryKey, null);
  return end ?? undefined;
}
