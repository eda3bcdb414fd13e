import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, unwrap, unwrapWhole } from "../api/client";
import { asProblem } from "../api/problem";
import type { ApiKey, Tenant } from "../api/types";
import { useCall } from "../api/useCall";

const PAGE_SIZE = 100;

/** Keys, newest first; `ended` adds those that no longer work. */
export const keyListQuery = (ended: boolean) =>
  infiniteQueryOptions({
    queryKey: ["keys", "list", ended],
    queryFn: ({ pageParam, signal }) =>
      unwrap(
        api.GET("/api/gateway/api-keys", {
          params: { query: { ended, limit: PAGE_SIZE, ...(pageParam ? { cursor: pageParam } : {}) } },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor || undefined,
  });

/** One key by its id. */
export const keyQuery = (id: string) =>
  queryOptions({
    queryKey: ["keys", "one", id],
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/gateway/api-keys/{id}", { params: { path: { id } }, signal })),
  });

/** The shared pools a key can be limited to. */
export const poolChoiceQuery = queryOptions({
  queryKey: ["pools", "choice"],
  queryFn: ({ signal }) =>
    unwrap(api.GET("/api/gateway/pools", { params: { query: { limit: 200 } }, signal })),
});

export interface NewKey {
  name: string;
  scopes: string[];
  tenants?: string[];
  pools?: string[];
  expires_at?: string;
}

export const useCreateKey = () =>
  useCall((body: NewKey) => unwrap(api.POST("/api/gateway/api-keys", { body })), ["keys"]);

/** Makes a new secret; the former one works for `overlap_seconds`. */
export const useRotateKey = (id: string) =>
  useCall(
    (overlap_seconds: number) =>
      unwrap(
        api.POST("/api/gateway/api-keys/{id}/rotate", {
          params: { path: { id } },
          body: { overlap_seconds },
        }),
      ),
    ["keys"],
  );

export const useRevokeKey = (id: string) =>
  useCall(() => unwrap(api.DELETE("/api/gateway/api-keys/{id}", { params: { path: { id } } })), ["keys"]);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The ids of tenants named by key or id; `unknown` are those that are not there. */
export async function findTenants(names: readonly string[]): Promise<{ ids: string[]; unknown: string[] }> {
  const found = await Promise.all(
    names.map(async (name) => {
      if (UUID.test(name)) return { name, id: name };
      const params = { path: { id_or_key: name } };
      const tenant = await unwrapWhole<Tenant>(api.GET("/api/gateway/tenants/{id_or_key}", { params })).catch(
        (error: unknown) => {
          if (asProblem(error).status === 404) return null;
          throw error;
        },
      );
      return { name, id: tenant?.id };
    }),
  );
  return {
    ids: found.flatMap(({ id }) => id ?? []),
    unknown: found.filter(({ id }) => id === undefined).map(({ name }) => name),
  };
}

const DAY = 24 * 60 * 60 * 1_000;
const UNUSED_MS = 90 * DAY;

export type KeyState = "works" | "revoked" | "over" | "unused";

/** How a key stands at a moment: one that works and was not used for 90 days is `unused`. */
export function keyState(key: ApiKey, now: number): KeyState {
  if (key.revoked_at) return "revoked";
  if (key.expires_at && Date.parse(key.expires_at) <= now) return "over";
  return now - Date.parse(key.last_used_at ?? key.created_at) > UNUSED_MS ? "unused" : "works";
}
