import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import type { components } from "../api/schema";

type Schemas = components["schemas"];

export type Pool = Schemas["Pool"];
export type PoolState = Pool["state"];
export type PoolMember = Schemas["PoolMember"];
export type MemberState = PoolMember["state"];
export type CreatePool = Schemas["CreatePool"];
export type EditPool = Schemas["EditPool"];

const PAGE_SIZE = 200;
const POLL_MS = 10_000;

/** Every pool, by name: a fleet has few of them. */
export const poolListQuery = queryOptions({
  queryKey: ["pools", "list"],
  queryFn: async ({ signal }) => {
    const pools: Pool[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: PAGE_SIZE, ...(cursor ? { cursor } : {}) };
      const page = await unwrap(api.GET("/api/gateway/pools", { params: { query }, signal }));
      pools.push(...page.items);
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    return pools;
  },
  refetchInterval: POLL_MS,
});

/** One pool by its name. */
export const poolQuery = (name: string) =>
  queryOptions({
    queryKey: ["pools", "one", name],
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/gateway/pools/{id_or_name}", { params: { path: { id_or_name: name } }, signal })),
    refetchInterval: POLL_MS,
  });

/** The members of a pool, as a worker found each when it last asked. */
export const poolMembersQuery = (name: string) =>
  queryOptions({
    queryKey: ["pools", "one", name, "members"],
    queryFn: ({ signal }) =>
      unwrap(
        api.GET("/api/gateway/pools/{id_or_name}/members", {
          params: { path: { id_or_name: name } },
          signal,
        }),
      ),
    refetchInterval: POLL_MS,
  });

/** What can be asked of a pool without more words; the last two only where the gateway runs its members. */
export type PoolVerb = "drain" | "start" | "stop" | "provision" | "restart";

function act(name: string, verb: PoolVerb): Promise<Pool> {
  const params = { path: { id_or_name: name } };
  switch (verb) {
    case "drain":
      return unwrap(api.POST("/api/gateway/pools/{id_or_name}/drain", { params }));
    case "start":
      return unwrap(api.POST("/api/gateway/pools/{id_or_name}/start", { params }));
    case "stop":
      return unwrap(api.POST("/api/gateway/pools/{id_or_name}/stop", { params }));
    case "provision":
      return unwrap(api.POST("/api/gateway/pools/{id_or_name}/provision", { params }));
    case "restart":
      return unwrap(api.POST("/api/gateway/pools/{id_or_name}/restart", { params }));
  }
}

function useChanged() {
  const queries = useQueryClient();
  return async (pool: Pool) => {
    // An answer still under way shows the state from before: drop it, it would undo what was just accepted.
    await queries.cancelQueries({ queryKey: ["pools"] });
    queries.setQueryData(poolQuery(pool.name).queryKey, pool);
    void queries.invalidateQueries({ queryKey: poolMembersQuery(pool.name).queryKey });
    for (const name of ["capacity", "routes", "tenants", "jobs"]) {
      void queries.invalidateQueries({ queryKey: [name] });
    }
    void queries.invalidateQueries({ queryKey: poolListQuery.queryKey });
  };
}

/** Asks one of the verbs of a pool. */
export function usePoolAction(name: string) {
  const changed = useChanged();
  return useMutation({ mutationFn: (verb: PoolVerb) => act(name, verb), onSuccess: changed });
}

/** Makes a pool. */
export function useCreatePool() {
  const changed = useChanged();
  return useMutation({
    mutationFn: (body: CreatePool) => unwrap(api.POST("/api/gateway/pools", { body })),
    onSuccess: changed,
  });
}

/** Changes what is given of a pool. */
export function useEditPool(name: string) {
  const changed = useChanged();
  return useMutation({
    mutationFn: (body: EditPool) =>
      unwrap(api.PATCH("/api/gateway/pools/{id_or_name}", { params: { path: { id_or_name: name } }, body })),
    onSuccess: changed,
  });
}

/** Whether a worker has still to make true what is wished of a pool, and nothing hinders it. */
export const isMoving = (pool: Pool): boolean =>
  pool.observed_revision < pool.revision && pool.problem === null;

/** Removes a pool. One whose members the gateway runs is there, `deleting`, until a worker has taken them away. */
export function useDeletePool(name: string) {
  const changed = useChanged();
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () =>
      unwrap(api.DELETE("/api/gateway/pools/{id_or_name}", { params: { path: { id_or_name: name } } })),
    onSuccess: async (pool) => {
      if (pool.state === "deleting") return changed(pool);
      void queries.invalidateQueries({ queryKey: poolListQuery.queryKey });
      void queries.invalidateQueries({ queryKey: ["capacity"] });
    },
  });
}
