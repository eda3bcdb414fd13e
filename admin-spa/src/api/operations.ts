import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { between } from "../time";
import { api, unwrap, unwrapWhole } from "./client";
import type { Operation, OperationKind, OperationPage, OperationState } from "./types";

const PAGE_SIZE = 50;
/** How often to look while work goes on and no stream tells of it, and while nothing moves. */
const RUNNING_POLL_MS = 1_000;
const MOVING_POLL_MS = 4_000;
const SETTLED_POLL_MS = 30_000;

/** Whether more steps may still come. */
export const isOpen = (operation: Pick<Operation, "state">): boolean =>
  operation.state === "pending" || operation.state === "running";

/** Which operations; several words with commas between. */
export interface OperationFilter {
  tenant?: string;
  state?: string;
  kind?: string;
}

const listOperations = (
  query: OperationFilter & { limit: number; cursor?: string },
  signal: AbortSignal,
): Promise<OperationPage> =>
  unwrapWhole<OperationPage>(api.GET("/api/gateway/operations", { params: { query }, signal }));

/** One page of operations, newest first, without their steps. */
export const operationPageQuery = (filter: OperationFilter, cursor?: string, limit = PAGE_SIZE) =>
  queryOptions({
    queryKey: ["operations", "page", filter, cursor ?? "", limit],
    queryFn: ({ signal }) => listOperations({ ...filter, limit, ...(cursor ? { cursor } : {}) }, signal),
    placeholderData: keepPreviousData,
    refetchInterval: (query) => (query.state.data?.items.some(isOpen) ? MOVING_POLL_MS : SETTLED_POLL_MS),
  });

/** One operation with its steps; looked at closely while it runs, unless its stream tells of it (`streamed`). */
export const operationQuery = (id: string, streamed = false) =>
  queryOptions({
    queryKey: ["operations", "one", id],
    queryFn: ({ signal }) =>
      unwrapWhole<Operation>(api.GET("/api/gateway/operations/{id}", { params: { path: { id } }, signal })),
    refetchInterval: (query) => {
      if (query.state.status === "error") return SETTLED_POLL_MS;
      const operation = query.state.data;
      if (operation && !isOpen(operation)) return false;
      return streamed ? SETTLED_POLL_MS : RUNNING_POLL_MS;
    },
  });

/** Work of one kind whose length is typical: what succeeded last, in the whole fleet. */
const TYPICAL_OF = 50;
/** Fewer say nothing. */
const TYPICAL_LEAST = 3;

/** The median of how long such work took lately, in milliseconds; null where too little of it is known. */
export const typicalTimeQuery = (kind: OperationKind) =>
  queryOptions({
    queryKey: ["typical-time", kind],
    queryFn: async ({ signal }) => {
      const state: OperationState = "succeeded";
      const page = await listOperations({ kind, state, limit: TYPICAL_OF }, signal);
      return median(
        page.items.flatMap(({ started_at, ended_at, attempt }) =>
          started_at && ended_at && attempt === 1 ? between(started_at, ended_at, 0) : [],
        ),
      );
    },
    staleTime: 5 * 60_000,
  });

function median(values: readonly number[]): number | null {
  if (values.length < TYPICAL_LEAST) return null;
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;
}

function useChanged() {
  const queries = useQueryClient();
  return () => {
    void queries.invalidateQueries({ queryKey: ["operations"] });
    void queries.invalidateQueries({ queryKey: ["tenants"] });
  };
}

/** Calls open work off, and has everything that shows the tenant look again. */
export function useCancelOperation(id: string) {
  const changed = useChanged();
  return useMutation({
    mutationFn: () => unwrap(api.POST("/api/gateway/operations/{id}/cancel", { params: { path: { id } } })),
    onSuccess: changed,
  });
}

/** Tries again what failed or waits for its next attempt. Answers the operation that does it, which may be another one. */
export function useRetryOperation(id: string) {
  const changed = useChanged();
  return useMutation({
    mutationFn: (): Promise<Operation> =>
      unwrap(api.POST("/api/gateway/operations/{id}/retry", { params: { path: { id } } })),
    onSuccess: changed,
  });
}
