import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import { useCall } from "../api/useCall";

export const useTestMail = () =>
  useCall((to: string) => unwrap(api.POST("/api/gateway/mail/test", { body: { to } })), []);

/** Asks a worker to seal all secrets with the present key. */
export const useReseal = () =>
  useCall(() => unwrap(api.POST("/api/gateway/jobs", { body: { kind: "reseal" } })), ["jobs"]);

/** The last job that sealed secrets anew; null where none is known. */
export const resealQuery = queryOptions({
  queryKey: ["jobs", "reseal"],
  queryFn: async ({ signal }) => {
    const { items } = await unwrap(
      api.GET("/api/gateway/jobs", { params: { query: { limit: 200 } }, signal }),
    );
    return items.find(({ kind }) => kind === "reseal") ?? null;
  },
});
