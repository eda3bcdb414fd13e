import { infiniteQueryOptions, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, unwrap, unwrapWhole } from "./client";
import type { Operation, OperationPage } from "./types";

const PAGE_SIZE = 20;
const RUNNING_POLL_MS = 500;
const MOVING_POLL_MS = 2_000;
const SETTLED_POLL_MS = 10_000;

/** Whether more steps may still come. */
export const isOpen = (operation: Pick<Operation, "state">): boolean =>
  operation.state === "pending" || operation.state === "running";

/** The operations of one tenant, newest first. */
export const operationListQuery = (tenantKey: string) =>
  infiniteQueryOptions({
    queryKey: ["operations", "list", tenantKey],
    queryFn: ({ pageParam, signal }) =>
      unwrapWhole<OperationPage>(
        api.GET("/api/gateway/operations", {
          params: {
            query: { tenant: tenantKey, limit: PAGE_SIZE, ...(pageParam ? { cursor: pageParam } : {}) },
          },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor || undefined,
    refetchInterval: (query) =>
      query.state.data?.pages.some((page) => page.items.some(isOpen)) ? MOVING_POLL_MS : SETTLED_POLL_MS,
  });

/** One operation with its steps; followed closely while it runs. */
export const operationQuery = (id: string) =>
  queryOptions({
    queryKey: ["operations", "one", id],
    queryFn: ({ signal }) =>
      unwrapWhole<Operation>(api.GET("/api/gateway/operations/{id}", { params: { path: { id } }, signal })),
    refetchInterval: (query) => {
      if (query.state.status === "error") return SETTLED_POLL_MS;
      const operation = query.state.data;
      return operation && !isOpen(operation) ? false : RUNNING_POLL_MS;
    },
  });

/** Calls open work off, and has everything that shows the tenant look again. */
export function useCancelOperation(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => unwrap(api.POST("/api/gateway/operations/{id}/cancel", { params: { path: { id } } })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["operations"] });
      void queries.invalidateQueries({ queryKey: ["tenants"] });
    },
  });
}
