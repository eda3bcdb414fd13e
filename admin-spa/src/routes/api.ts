import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";

const PAGE_SIZE = 50;
const POLL_MS = 10_000;

/** Which routes to list; `cursor` is where the page begins. */
export interface RouteFilter {
  tenant?: string;
  state?: string;
  cursor?: string;
}

/** A page of what tenants' rows want of Traefik beside what it holds. */
export const routeListQuery = (filter: RouteFilter) =>
  queryOptions({
    queryKey: ["routes", "list", filter],
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/gateway/routes", { params: { query: { limit: PAGE_SIZE, ...filter } }, signal })),
    placeholderData: keepPreviousData,
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
  url?: string;
  method?: string;
  headers?: string;
  entry_point?: string;
  client?: string;
}

/** Who answers a request, and why. */
export const explainQuery = (asked: Asked & { url: string }) =>
  queryOptions({
    queryKey: ["routes", "explain", asked],
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/gateway/routes/explain", { params: { query: asked }, signal })),
    placeholderData: keepPreviousData,
  });
