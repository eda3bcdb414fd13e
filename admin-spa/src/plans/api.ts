import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import type { components } from "../api/schema";

type Schemas = components["schemas"];

export type Plan = Schemas["Plan"];
export type CreatePlan = Schemas["CreatePlan"];
export type EditPlan = Schemas["EditPlan"];
export type PlanNetwork = Schemas["PlanNetwork"];

const PAGE_SIZE = 200;
const POLL_MS = 10_000;

/** The plan that tenants have whose creator names none; it stays. */
export const DEFAULT_PLAN = "default";

/** Every plan, by name: there are few of them. */
export const planListQuery = queryOptions({
  queryKey: ["plans", "list"],
  queryFn: async ({ signal }) => {
    const plans: Plan[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: PAGE_SIZE, ...(cursor ? { cursor } : {}) };
      const page = await unwrap(api.GET("/api/gateway/plans", { params: { query }, signal }));
      plans.push(...page.items);
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    return plans;
  },
  refetchInterval: POLL_MS,
});

/** A plan as it was read, with the version to name when it is changed. */
export interface ReadPlan {
  plan: Plan;
  etag: string | null;
}

/** One plan by its name. */
export const planQuery = (name: string) =>
  queryOptions({
    queryKey: ["plans", "one", name],
    queryFn: async ({ signal }): Promise<ReadPlan> => {
      const call = api.GET("/api/gateway/plans/{name}", { params: { path: { name } }, signal });
      const plan = await unwrap(call);
      return { plan, etag: (await call).response.headers.get("etag") };
    },
    refetchInterval: POLL_MS,
  });

const ifMatch = (etag: string | null) => (etag ? { header: { "if-match": etag } } : {});

function useRefresh() {
  const queries = useQueryClient();
  return () => {
    void queries.invalidateQueries({ queryKey: ["plans"] });
    void queries.invalidateQueries({ queryKey: ["tenants"] });
  };
}

/** Makes a plan. */
export function useCreatePlan() {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: (body: CreatePlan) => unwrap(api.POST("/api/gateway/plans", { body })),
    onSuccess: refresh,
  });
}

/** Changes what is given of a plan, if it still is as it was read; `dryRun` only says what it would be. */
export function useEditPlan(name: string) {
  const refresh = useRefresh();
  return useMutation({
    mutationFn: ({ body, etag, dryRun }: { body: EditPlan; etag: string | null; dryRun: boolean }) =>
      unwrap(
        api.PATCH("/api/gateway/plans/{name}", {
          params: { path: { name }, ...ifMatch(etag), ...(dryRun ? { query: { dry_run: true } } : {}) },
          body,
        }),
      ),
    onSuccess: (_plan, { dryRun }) => {
      if (!dryRun) refresh();
    },
  });
}

/** Removes a plan, if it still is as it was read. */
export function useDeletePlan(name: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (etag: string | null) =>
      unwrap(api.DELETE("/api/gateway/plans/{name}", { params: { path: { name }, ...ifMatch(etag) } })),
    onSuccess: () => void queries.invalidateQueries({ queryKey: planListQuery.queryKey }),
  });
}
