import { keepPreviousData, queryOptions, useMutation } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import type { RouteTest, TestRoute } from "./types";

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

/** Sends one request through Traefik to the host of a tenant. It is a call of its own each time, so nothing of it is kept. */
export const useTestRoute = () =>
  useMutation({
    mutationFn: (body: TestRoute): Promise<RouteTest> =>
      unwrap(api.POST("/api/gateway/routes/test", { body })),
  });
