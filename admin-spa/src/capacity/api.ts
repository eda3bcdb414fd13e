import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import type { components } from "../api/schema";

type Schemas = components["schemas"];

export type Amount = Schemas["Amount"];
export type Capacity = Schemas["Capacity"];

const POLL_MS = 10_000;

/** What is used up and what is left. */
export const capacityQuery = queryOptions({
  queryKey: ["capacity"],
  queryFn: ({ signal }) => unwrap(api.GET("/api/gateway/capacity", { signal })),
  refetchInterval: POLL_MS,
});
