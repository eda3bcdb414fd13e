import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import type { components } from "../api/schema";

type Schemas = components["schemas"];

export type DatabaseServer = Schemas["DatabaseServer"];
export type ServerState = DatabaseServer["state"];
export type EditServer = Schemas["EditDatabaseServer"];

const PAGE_SIZE = 200;
const POLL_MS = 10_000;

/** Every database server, by name: a fleet has few of them. */
export const serverListQuery = queryOptions({
  queryKey: ["servers", "list"],
  queryFn: async ({ signal }) => {
    const servers: DatabaseServer[] = [];
    let cursor: string | undefined;
    do {
      const query = { limit: PAGE_SIZE, ...(cursor ? { cursor } : {}) };
      const page = await unwrap(api.GET("/api/gateway/database-servers", { params: { query }, signal }));
      servers.push(...page.items);
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    return servers;
  },
  refetchInterval: POLL_MS,
});

/** One database server by its name. */
export const serverQuery = (name: string) =>
  queryOptions({
    queryKey: ["servers", "one", name],
    queryFn: ({ signal }) =>
      unwrap(
        api.GET("/api/gateway/database-servers/{id_or_name}", {
          params: { path: { id_or_name: name } },
          signal,
        }),
      ),
    refetchInterval: POLL_MS,
  });

/** What can be asked of a database server without more words. */
export type ServerVerb = "drain" | "start";

function useChanged() {
  const queries = useQueryClient();
  return async (server: DatabaseServer) => {
    // An answer still under way shows the state from before: drop it, it would undo what was just accepted.
    await queries.cancelQueries({ queryKey: ["servers"] });
    queries.setQueryData(serverQuery(server.name).queryKey, server);
    void queries.invalidateQueries({ queryKey: serverListQuery.queryKey });
    void queries.invalidateQueries({ queryKey: ["capacity"] });
  };
}

/** Drains or starts a database server. */
export function useServerAction(name: string) {
  const changed = useChanged();
  const params = { path: { id_or_name: name } };
  return useMutation({
    mutationFn: (verb: ServerVerb) =>
      verb === "drain"
        ? unwrap(api.POST("/api/gateway/database-servers/{id_or_name}/drain", { params }))
        : unwrap(api.POST("/api/gateway/database-servers/{id_or_name}/start", { params })),
    onSuccess: changed,
  });
}

/** Changes what is given of a database server. */
export function useEditServer(name: string) {
  const changed = useChanged();
  return useMutation({
    mutationFn: (body: EditServer) =>
      unwrap(
        api.PATCH("/api/gateway/database-servers/{id_or_name}", {
          params: { path: { id_or_name: name } },
          body,
        }),
      ),
    onSuccess: changed,
  });
}
