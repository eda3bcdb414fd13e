import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, unwrap, unwrapWhole } from "./client";
import { problemFromResponse } from "./problem";
import type { components } from "./schema";
import type { CreateTenant, Tenant, TenantPage } from "./types";

type Schemas = components["schemas"];
export type EditTenant = Schemas["EditTenant"];
export type Credentials = Schemas["Credentials"];

/** Rows on one page: what a person looks through, and few enough for the page to stay light. */
const PAGE_SIZE = 50;
/** The most the API gives at once; for exports. */
const EXPORT_PAGE_SIZE = 200;
/**
 * How often to look again while a tenant is on its way somewhere, and while nothing moves. Events make the console look at
 * once; this is for when their stream is down.
 */
const MOVING_POLL_MS = 4_000;
const SETTLED_POLL_MS = 30_000;

/** Which tenants, in the API's own words. */
export interface TenantQuery {
  q?: string;
  status?: string;
  tier?: string;
  pool_id?: string;
  plan?: string;
  server?: string;
  /** With all of these labels. */
  labels?: Readonly<Record<string, string>>;
  sort?: string;
}

/** Whether the worker has, or will soon have, something to do for this tenant. */
export function isInMotion(tenant: Tenant): boolean {
  const { status, operation, paused, purge_at } = tenant;
  if (paused || operation?.state === "failed") return false;
  if (status === "pending" || status === "provisioning" || status === "purging") return true;
  if (status === "deleting" && purge_at && Date.parse(purge_at) <= Date.now()) return true;
  return operation?.state === "pending" || operation?.state === "running";
}

const pollFor = (tenants: readonly Tenant[]) => (tenants.some(isInMotion) ? MOVING_POLL_MS : SETTLED_POLL_MS);

const tenantsKey = ["tenants"] as const;

function parametersOf({ labels, ...query }: TenantQuery) {
  const named = Object.entries(labels ?? {}).map(([name, value]) => [`label.${name}`, value] as const);
  // The document cannot type a parameter whose name holds the label's.
  return { ...query, ...Object.fromEntries(named) } as Record<string, never>;
}

function listTenants(query: TenantQuery, limit: number, cursor: string | undefined, signal: AbortSignal) {
  const params = { query: { ...parametersOf(query), limit, ...(cursor ? { cursor } : {}) } };
  return unwrapWhole<TenantPage>(api.GET("/api/gateway/tenants", { params, signal }));
}

/** One page of the tenants that match. */
export const tenantPageQuery = (query: TenantQuery, cursor: string | undefined) =>
  queryOptions({
    queryKey: [...tenantsKey, "page", query, cursor ?? ""],
    queryFn: ({ signal }) => listTenants(query, PAGE_SIZE, cursor, signal),
    // While another page loads, the rows of the one before stay: the table doesn't blink on each letter.
    placeholderData: keepPreviousData,
    refetchInterval: (state) => pollFor(state.state.data?.items ?? []),
  });

/** All tenants that match, page after page; `onCount` hears how many there are so far. */
export async function listAllTenants(
  query: TenantQuery,
  signal: AbortSignal,
  onCount: (count: number) => void,
): Promise<Tenant[]> {
  const all: Tenant[] = [];
  let cursor: string | undefined;
  do {
    const page: TenantPage = await listTenants(query, EXPORT_PAGE_SIZE, cursor, signal);
    all.push(...page.items);
    onCount(all.length);
    cursor = page.next_cursor ?? undefined;
  } while (cursor);
  return all;
}

/** One tenant by its key. */
export const tenantQuery = (key: string) =>
  queryOptions({
    queryKey: [...tenantsKey, "one", key],
    queryFn: ({ signal }) =>
      unwrapWhole<Tenant>(
        api.GET("/api/gateway/tenants/{id_or_key}", { params: { path: { id_or_key: key } }, signal }),
      ),
    refetchInterval: (query) => pollFor(query.state.data ? [query.state.data] : []),
  });

/** What a form edits: the tenant as it was read, and the tag that tells whether somebody changed it since. */
export interface ReadTenant {
  tenant: Tenant;
  etag: string | null;
}

/** A tenant with its tag. Not kept fresh: a form must not change below the hands of who fills it. */
export const editedTenantQuery = (key: string) =>
  queryOptions({
    queryKey: ["edited-tenant", key],
    queryFn: async ({ signal }): Promise<ReadTenant> => {
      const answer = await api.GET("/api/gateway/tenants/{id_or_key}", {
        params: { path: { id_or_key: key } },
        signal,
      });
      if (!answer.response.ok || !answer.data) throw problemFromResponse(answer.response, answer.error);
      return { tenant: answer.data as Tenant, etag: answer.response.headers.get("etag") };
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
  });

/** The tenant that has exactly this key already, or null. A hint while typing; the server decides. */
export const keyHolderQuery = (key: string) =>
  queryOptions({
    queryKey: [...tenantsKey, "holder", key],
    queryFn: async ({ signal }) => {
      const page = await listTenants({ q: key }, PAGE_SIZE, undefined, signal);
      return page.items.find((tenant) => tenant.key === key) ?? null;
    },
    retry: false,
  });

/** Of these keys the first that no tenant has; null where all are taken. */
export const freeKeyQuery = (candidates: readonly string[]) =>
  queryOptions({
    queryKey: [...tenantsKey, "free-key", candidates],
    queryFn: async ({ signal }) => {
      for (const key of candidates) {
        const page = await listTenants({ q: key }, EXPORT_PAGE_SIZE, undefined, signal);
        if (!page.items.some((tenant) => tenant.key === key)) return key;
      }
      return null;
    },
    retry: false,
  });

/** What would be made of a wish, without making it. */
export const plannedTenantQuery = (body: CreateTenant) =>
  queryOptions({
    queryKey: ["planned-tenant", body],
    queryFn: ({ signal }) =>
      unwrap(api.POST("/api/gateway/tenants", { params: { query: { dry_run: true } }, body, signal })),
    retry: false,
    gcTime: 60_000,
    staleTime: 15_000,
    refetchOnWindowFocus: false,
  });

/** What a person can ask for on an existing tenant. */
export type TenantAction =
  | { verb: "suspend" | "reactivate" | "retry" | "undelete" | "rotate" | "pause" | "resume" }
  | { verb: "move"; pool: string }
  | { verb: "delete"; force: boolean; purge: boolean };

function act(key: string, action: TenantAction): Promise<Tenant> {
  const params = { path: { id_or_key: key } };
  switch (action.verb) {
    case "suspend":
      return unwrap(api.POST("/api/gateway/tenants/{id_or_key}/suspend", { params }));
    case "reactivate":
      return unwrap(api.POST("/api/gateway/tenants/{id_or_key}/reactivate", { params }));
    case "retry":
      return unwrap(api.POST("/api/gateway/tenants/{id_or_key}/retry", { params }));
    case "undelete":
      return unwrap(api.POST("/api/gateway/tenants/{id_or_key}/undelete", { params }));
    case "rotate":
      return unwrap(api.POST("/api/gateway/tenants/{id_or_key}/rotate-credentials", { params }));
    case "pause":
      return unwrap(api.POST("/api/gateway/tenants/{id_or_key}/pause", { params }));
    case "resume":
      return unwrap(api.POST("/api/gateway/tenants/{id_or_key}/resume", { params }));
    case "move":
      return unwrap(
        api.POST("/api/gateway/tenants/{id_or_key}/move", { params, body: { pool_id: action.pool } }),
      );
    case "delete": {
      const query = { force: action.force, purge: action.purge };
      return unwrap(api.DELETE("/api/gateway/tenants/{id_or_key}", { params: { ...params, query } }));
    }
  }
}

function useAccepted() {
  const queries = useQueryClient();
  return async (tenant: Tenant) => {
    // An answer still under way shows the state from before: drop it, it would undo what was just accepted.
    await queries.cancelQueries({ queryKey: tenantQuery(tenant.key).queryKey });
    queries.setQueryData(tenantQuery(tenant.key).queryKey, tenant);
    void queries.invalidateQueries({ queryKey: [...tenantsKey, "page"] });
    void queries.invalidateQueries({ queryKey: ["operations"] });
  };
}

/** Asks for a change of an existing tenant and shows the accepted state at once. */
export function useTenantAction(key: string) {
  const accepted = useAccepted();
  return useMutation({
    mutationFn: (action: TenantAction) => act(key, action),
    onSuccess: accepted,
  });
}

/** Changes what people wrote about a tenant, or its plan; refused when somebody changed it since `etag` was read. */
export function useEditTenant(key: string) {
  const accepted = useAccepted();
  return useMutation({
    mutationFn: ({ edit, etag }: { edit: EditTenant; etag: string | null }) =>
      unwrap(
        api.PATCH("/api/gateway/tenants/{id_or_key}", {
          params: { path: { id_or_key: key }, header: etag ? { "if-match": etag } : {} },
          body: edit,
        }),
      ),
    onSuccess: accepted,
  });
}

/** Asks for a new tenant. The key makes a repeated call give the first answer again. */
export function useCreateTenant() {
  const accepted = useAccepted();
  return useMutation({
    mutationFn: ({ body, key }: { body: CreateTenant; key: string }) =>
      unwrap(
        api.POST("/api/gateway/tenants", {
          params: { header: { "idempotency-key": key } },
          body,
        }),
      ),
    onSuccess: accepted,
  });
}

/** Learns how a tenant's app reaches its database. The answer is a secret: it is given to the caller and kept nowhere. */
export const useRevealCredentials = (key: string) =>
  useMutation({
    mutationFn: (): Promise<Credentials> =>
      unwrap(
        api.POST("/api/gateway/tenants/{id_or_key}/reveal-credentials", {
          params: { path: { id_or_key: key } },
        }),
      ),
    gcTime: 0,
  });
