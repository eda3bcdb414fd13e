import { queryOptions } from "@tanstack/react-query";
import { api, unwrap, unwrapWhole } from "../api/client";
import type { Operation, OperationPage, Tenant, TenantPage, TenantStatus } from "../api/types";
import { useCall } from "../api/useCall";

/** The most a page of the API holds, and so the most that is counted exactly. */
const MOST = 200;
const SHOWN = 5;

/** How many tenants are in some statuses; `more` where there are more than one page. */
export const countQuery = (statuses: readonly TenantStatus[]) =>
  queryOptions({
    queryKey: ["tenants", "count", statuses],
    queryFn: async ({ signal }) => {
      const query = { status: statuses.join(","), limit: MOST, fields: ["id" as const] };
      const page = await unwrap(
        api.GET("/api/gateway/tenants", {
          params: { query },
          querySerializer: { array: { style: "form", explode: false } },
          signal,
        }),
      );
      return { count: page.items.length, more: page.next_cursor !== null };
    },
  });

/** The tenants that failed last. */
export const failedQuery = queryOptions({
  queryKey: ["tenants", "failed"],
  queryFn: ({ signal }) =>
    unwrapWhole<TenantPage>(
      api.GET("/api/gateway/tenants", {
        params: { query: { status: "error", sort: "-updated_at", limit: SHOWN } },
        signal,
      }),
    ),
});

/** The latest operations of all tenants. */
export const latestQuery = queryOptions({
  queryKey: ["operations", "latest"],
  queryFn: async ({ signal }): Promise<Operation[]> =>
    (
      await unwrapWhole<OperationPage>(
        api.GET("/api/gateway/operations", { params: { query: { limit: 8 } }, signal }),
      )
    ).items,
});

/** What differs from what is wanted, and how the last look ended. */
export const driftQuery = queryOptions({
  queryKey: ["drift", "overview"],
  queryFn: ({ signal }) =>
    unwrap(api.GET("/api/gateway/drift", { params: { query: { limit: MOST } }, signal })),
});

export const orphanQuery = queryOptions({
  queryKey: ["orphans", "overview"],
  queryFn: ({ signal }) =>
    unwrap(api.GET("/api/gateway/orphans", { params: { query: { limit: MOST } }, signal })),
});

export const firstPoolsQuery = queryOptions({
  queryKey: ["pools", "overview"],
  queryFn: ({ signal }) =>
    unwrap(api.GET("/api/gateway/pools", { params: { query: { limit: MOST } }, signal })),
});

export const firstServersQuery = queryOptions({
  queryKey: ["servers", "overview"],
  queryFn: ({ signal }) =>
    unwrap(api.GET("/api/gateway/database-servers", { params: { query: { limit: MOST } }, signal })),
});

export const waitingSignupsQuery = queryOptions({
  queryKey: ["signups", "waiting"],
  queryFn: ({ signal }) =>
    unwrap(
      api.GET("/api/gateway/signups", {
        params: { query: { state: "waiting_approval", limit: MOST } },
        signal,
      }),
    ),
});

/** The latest job of each kind; the audit's with what it found. */
export const jobsQuery = queryOptions({
  queryKey: ["jobs", "overview"],
  queryFn: async ({ signal }) => {
    const { items } = await unwrap(
      api.GET("/api/gateway/jobs", { params: { query: { limit: 50 } }, signal }),
    );
    const ended = items.filter(({ state }) => state === "succeeded" || state === "failed");
    const latest = [...new Map(ended.toReversed().map((job) => [job.kind, job])).values()];
    return Promise.all(
      latest.map((job) =>
        job.kind === "verify" && job.state === "succeeded"
          ? unwrap(api.GET("/api/gateway/jobs/{id}", { params: { path: { id: job.id } }, signal }))
          : job,
      ),
    );
  },
});

/** Has a failed tenant tried again. */
export const useRetryTenant = () =>
  useCall(
    (tenant: Tenant) =>
      unwrap(
        api.POST("/api/gateway/tenants/{id_or_key}/retry", { params: { path: { id_or_key: tenant.key } } }),
      ),
    ["tenants", "operations"],
  );

/** Has what differs repaired: of these tenants. */
export const useRepairDrift = () =>
  useCall(
    (tenants: string[]) => unwrap(api.POST("/api/gateway/drift/repair", { body: { tenants } })),
    ["drift", "jobs", "tenants"],
  );
