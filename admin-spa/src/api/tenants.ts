import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useMutation,
  useQueryClient,
} from "@tanstack/react-query";
import { api, unwrap, unwrapWhole } from "./client";
import type { CreateTenant, Tenant, TenantPage } from "./types";

const PAGE_SIZE = 50;
/** How often to look again while a tenant is on its way somewhere, and while nothing moves. */
const MOVING_POLL_MS = 2_000;
const SETTLED_POLL_MS = 10_000;

export interface TenantFilter {
  q?: string | undefined;
  status?: string | undefined;
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

/** The tenants a filter matches, page after page. */
export const tenantListQuery = (filter: TenantFilter) =>
  infiniteQueryOptions({
    queryKey: [...tenantsKey, "list", filter.q ?? "", filter.status ?? ""],
    queryFn: ({ pageParam, signal }) =>
      unwrapWhole<TenantPage>(
        api.GET("/api/gateway/tenants", {
          params: {
            query: {
              limit: PAGE_SIZE,
              ...(filter.q ? { q: filter.q } : {}),
              ...(filter.status ? { status: filter.status as never } : {}),
              ...(pageParam ? { cursor: pageParam } : {}),
            },
          },
          signal,
        }),
      ),
    initialPageParam: "",
    // While a new filter loads, the rows of the one before stay: the table doesn't blink on each letter.
    placeholderData: keepPreviousData,
    getNextPageParam: (page) => page.next_cursor || undefined,
    refetchInterval: (query) => pollFor(query.state.data?.pages.flatMap((page) => page.items) ?? []),
  });

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

/** The tenant that has exactly this key already, or null. A hint while typing; the server decides. */
export const keyHolderQuery = (key: string) =>
  queryOptions({
    queryKey: [...tenantsKey, "holder", key],
    queryFn: async ({ signal }) => {
      const query = { q: key, limit: PAGE_SIZE };
      const page = await unwrapWhole<TenantPage>(
        api.GET("/api/gateway/tenants", { params: { query }, signal }),
      );
      return page.items.find((tenant) => tenant.key === key && tenant.status !== "deleted") ?? null;
    },
    retry: false,
  });

/** What a person can ask for on an existing tenant. */
export type TenantAction =
  | { verb: "suspend" | "reactivate" | "retry" | "undelete" | "rotate" | "pause" | "resume" }
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
    void queries.invalidateQueries({ queryKey: [...tenantsKey, "list"] });
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

/** Asks for a new tenant. */
export function useCreateTenant() {
  const accepted = useAccepted();
  return useMutation({
    mutationFn: (body: CreateTenant) => unwrap(api.POST("/api/gateway/tenants", { body })),
    onSuccess: accepted,
  });
}
