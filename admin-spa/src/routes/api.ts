import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";

const PAGE_SIZE = 50;
const POLL_MS = 10_000;

export interface RouteFilter {
  tenant?: string | undefined;
  state?: string | undefined;
}

/** What tenants' rows want of Traefik beside what it holds, page after page. */
export const routeListQuery = (filter: RouteFilter) =>
  infiniteQueryOptions({
    queryKey: ["routes", "list", filter.tenant ?? "", filter.state ?? ""],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET("/api/gateway/routes", {
          params: {
            query: {
              limit: PAGE_SIZE,
              ...(filter.tenant ? { tenant: filter.tenant } : {}),
              ...(filter.state ? { state: filter.state } : {}),
              ...(pageParam ? { cursor: pageParam } : {}),
            },
          },
          signal,
        }),
      ),
    initialPageParam: "",
    placeholderData: keepPreviousData,
    getNextPageParam: (page) => page.next_cursor || undefined,
    refetchInterval: POLL_MS,
  });

/** The route of one tenant, or null where its row is not listed. */
export const routeOfQuery = (tenant: string) =>
  queryOptions({
    queryKey: ["routes", "of", tenant],
    queryFn: async ({ signal }) => {
      const query = { tenant, limit: 1 };
      const page = await unwrap(api.GET("/api/gateway/routes", { params: { query }, signal }));
      return page.items[0] ?? null;
    },
    refetchInterval: POLL_MS,
  });

/** Whether Traefik answers and holds what is always published. */
export const traefikQuery = queryOptions({
  queryKey: ["traefik"],
  queryFn: ({ signal }) => unwrap(api.GET("/api/gateway/traefik", { signal })),
  refetchInterval: POLL_MS,
});

/** One request that may come to Traefik. */
export interface Asked {
  url?: string | undefined;
  method?: string | undefined;
  headers?: string | undefined;
  entry_point?: string | undefined;
  client?: string | undefined;
}

/** Who answers a request, and why. */
export const explainQuery = (asked: Asked & { url: string }) =>
  queryOptions({
    queryKey: ["routes", "explain", asked],
    queryFn: ({ signal }) => {
      const { url, ...rest } = asked;
      const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value));
      return unwrap(api.GET("/api/gateway/routes/explain", { params: { query: { url, ...given } }, signal }));
    },
    placeholderData: keepPreviousData,
  });
