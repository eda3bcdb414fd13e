import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import type { components } from "../api/schema";

type Schemas = components["schemas"];

export type Drift = Schemas["Drift"];
export type DriftKind = Drift["kind"];
export type DriftRepair = Drift["repair"];
export type DriftLook = NonNullable<Schemas["DriftList"]["look"]>;
export type Orphan = Schemas["Orphan"];

const PAGE_SIZE = 100;
const POLL_MS = 10_000;

/** Which drift to list; `cursor` is where the page begins. */
export interface DriftFilter {
  tenant?: string;
  kind?: string;
  cursor?: string;
}

/** A page of what the last look found that was not as the tenants' rows say, and how that look ended. */
export const driftListQuery = (filter: DriftFilter) =>
  queryOptions({
    queryKey: ["drift", "list", filter],
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/gateway/drift", { params: { query: { limit: PAGE_SIZE, ...filter } }, signal })),
    placeholderData: keepPreviousData,
    refetchInterval: POLL_MS,
  });

/** A page of the objects outside that no tenant owns. */
export const orphanListQuery = (cursor: string | undefined) =>
  queryOptions({
    queryKey: ["orphans", "list", cursor ?? ""],
    queryFn: ({ signal }) =>
      unwrap(
        api.GET("/api/gateway/orphans", {
          params: { query: { limit: PAGE_SIZE, ...(cursor ? { cursor } : {}) } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: POLL_MS,
  });
