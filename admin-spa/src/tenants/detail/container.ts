import { queryOptions, useMutation, useQuery } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import type { components } from "../../api/schema";

type Schemas = components["schemas"];
export type TenantStats = Schemas["TenantStats"];
export type TenantLogs = Schemas["TenantLogs"];
export type TenantLogLine = Schemas["TenantLogLine"];
type ReadLogs = Schemas["ReadLogs"];

const STATS_POLL_MS = 10_000;
const READING_POLL_MS = 1_000;
/** How long the server may hold the call until a worker has read; below what the client waits for any answer. */
const WAIT = "wait=10";

/** What the container of a dedicated tenant uses. A worker looks each time, so events do not ask for it again. */
export const statsQuery = (tenant: string) =>
  queryOptions({
    queryKey: ["container-stats", tenant],
    queryFn: ({ signal }): Promise<TenantStats> =>
      unwrap(
        api.GET("/api/gateway/tenants/{id_or_key}/stats", {
          params: { path: { id_or_key: tenant } },
          signal,
        }),
      ),
    refetchInterval: STATS_POLL_MS,
  });

const isReading = ({ state }: TenantLogs): boolean => state === "pending" || state === "running";

/**
 * Reads a log when asked to, and only then: each reading is recorded. A reading that takes longer than one call is looked
 * after until it has ended. Nothing of it is kept after the page has gone.
 */
export function useReadLogs(tenant: string) {
  const path = { id_or_key: tenant };
  const asked = useMutation({
    mutationFn: (body: ReadLogs): Promise<TenantLogs> =>
      unwrap(
        api.POST("/api/gateway/tenants/{id_or_key}/logs", {
          params: { path, header: { prefer: WAIT } },
          body,
        }),
      ),
    gcTime: 0,
  });
  const first = asked.data;
  const id = first?.id ?? "";
  const followed = useQuery({
    queryKey: ["container-logs", tenant, id],
    queryFn: ({ signal }): Promise<TenantLogs> =>
      unwrap(
        api.GET("/api/gateway/tenants/{id_or_key}/logs/{id}", {
          params: { path: { ...path, id } },
          signal,
        }),
      ),
    enabled: first !== undefined && isReading(first),
    refetchInterval: (query) => {
      const isOver = query.state.status === "error" || (query.state.data && !isReading(query.state.data));
      return isOver ? false : READING_POLL_MS;
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  const logs = followed.data ?? first;
  const error = asked.error ?? followed.error;
  return {
    read: (body: ReadLogs) => asked.mutate(body),
    logs,
    error,
    isReading: asked.isPending || (error === null && logs !== undefined && isReading(logs)),
  };
}
