import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "./client";
import { asProblem } from "./problem";

/** One thing the ports need; `message` says what is wrong with it. */
export interface HealthPart {
  name: string;
  ok: boolean;
  message: string | null;
}

const PART = "/parts/";

/** What this process needs and whether it is there. A process that is not ready says which parts are missing. */
export const readyQuery = queryOptions({
  queryKey: ["ready"],
  queryFn: async ({ signal }): Promise<HealthPart[]> => {
    try {
      const { parts } = await unwrap(api.GET("/ready", { signal }));
      return parts.map(({ name, ok }) => ({ name, ok, message: null }));
    } catch (error) {
      const problem = asProblem(error);
      const missing = problem.errors.filter(({ pointer }) => pointer.startsWith(PART));
      if (missing.length === 0) throw error;
      return missing.map(({ pointer, message }) => ({
        name: pointer.slice(PART.length),
        ok: false,
        message,
      }));
    }
  },
  retry: false,
});

/** What is used up and what is left of everything tenants need. */
export const capacityQuery = queryOptions({
  queryKey: ["capacity", "all"],
  queryFn: ({ signal }) => unwrap(api.GET("/api/gateway/capacity", { signal })),
});
