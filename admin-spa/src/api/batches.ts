import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "./client";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Batch = Schemas["Batch"];
export type BatchVerb = Schemas["BatchVerb"];
export type BatchState = Schemas["BatchState"];
export type BatchTenant = Schemas["BatchTenant"];
export type BatchTenantState = Schemas["BatchTenantState"];
export type CreateBatch = Schemas["CreateBatch"];

const PAGE_SIZE = 50;
const RUNNING_POLL_MS = 1_000;
const LIST_POLL_MS = 5_000;
const SETTLED_POLL_MS = 30_000;

/** One page of batches, newest first, without their tenants. */
export const batchPageQuery = (cursor: string | undefined) =>
  queryOptions({
    queryKey: ["batches", "page", cursor ?? ""],
    queryFn: ({ signal }) => {
      const query = { limit: PAGE_SIZE, ...(cursor ? { cursor } : {}) };
      return unwrap(api.GET("/api/gateway/batches", { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
    refetchInterval: (query) =>
      query.state.data?.items.some((batch) => batch.state === "running") ? LIST_POLL_MS : SETTLED_POLL_MS,
  });

/** One batch with its tenants; followed while it runs. */
export const batchQuery = (id: string) =>
  queryOptions({
    queryKey: ["batches", "one", id],
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/gateway/batches/{id}", { params: { path: { id } }, signal })),
    refetchInterval: (query) => {
      if (query.state.status === "error") return SETTLED_POLL_MS;
      const batch = query.state.data;
      // What a cancelled batch opened goes on, and its rows with it.
      const moves = batch && (batch.state === "running" || batch.counts.running > 0);
      return moves ? RUNNING_POLL_MS : false;
    },
  });

/** Which tenants would be taken and which refused, and why; nothing is done. */
export const plannedBatchQuery = (body: CreateBatch | null) =>
  queryOptions({
    queryKey: ["planned-batch", body],
    queryFn: ({ signal }): Promise<Batch> => {
      const planned = body ?? { verb: "pause" as const, tenants: [] };
      return unwrap(
        api.POST("/api/gateway/tenants:batch", {
          params: { query: { dry_run: true } },
          body: planned,
          signal,
        }),
      );
    },
    enabled: body !== null,
    retry: false,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });

/** Asks for a batch. The key makes a repeated call give the first answer again. */
export function useCreateBatch() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ body, key }: { body: CreateBatch; key: string }): Promise<Batch> =>
      unwrap(
        api.POST("/api/gateway/tenants:batch", { params: { header: { "idempotency-key": key } }, body }),
      ),
    onSuccess: (batch) => {
      queries.setQueryData(batchQuery(batch.id).queryKey, batch);
      void queries.invalidateQueries({ queryKey: ["batches", "page"] });
    },
  });
}

/** Leaves the tenants alone whose turn has not come. */
export function useCancelBatch(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (): Promise<Batch> =>
      unwrap(api.POST("/api/gateway/batches/{id}/cancel", { params: { path: { id } } })),
    onSuccess: (batch) => {
      queries.setQueryData(batchQuery(batch.id).queryKey, batch);
      void queries.invalidateQueries({ queryKey: ["batches"] });
    },
  });
}
