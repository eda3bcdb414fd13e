import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import type { components } from "../api/schema";

type Schemas = components["schemas"];

export type DatabaseServer = Schemas["DatabaseServer"];
export type ServerState = DatabaseServer["state"];
export type CreateServer = Schemas["CreateDatabaseServer"];
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

/** A database server as it was read, with the version to name when it is changed. */
export interface ReadServer {
  server: DatabaseServer;
  etag: string | null;
}

async function read(call: Promise<{ data?: DatabaseServer; error?: unknown; response: Response }>) {
  const server = await unwrap(call);
  return { server, etag: (await call).response.headers.get("etag") };
}

const ifMatch = (etag: string | null) => (etag ? { header: { "if-match": etag } } : {});

/** One database server by its name. */
export const serverQuery = (name: string) =>
  queryOptions({
    queryKey: ["servers", "one", name],
    queryFn: ({ signal }): Promise<ReadServer> =>
      read(
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
  return async (changed: ReadServer) => {
    // An answer still under way shows the state from before: drop it, it would undo what was just accepted.
    await queries.cancelQueries({ queryKey: ["servers"] });
    queries.setQueryData(serverQuery(changed.server.name).queryKey, changed);
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
        ? read(api.POST("/api/gateway/database-servers/{id_or_name}/drain", { params }))
        : read(api.POST("/api/gateway/database-servers/{id_or_name}/start", { params })),
    onSuccess: changed,
  });
}

/** Makes a database server known. */
export function useCreateServer() {
  const changed = useChanged();
  return useMutation({
    mutationFn: (body: CreateServer) => read(api.POST("/api/gateway/database-servers", { body })),
    onSuccess: changed,
  });
}

/** Changes what is given of a database server, if it still is as it was read. */
export function useEditServer(name: string) {
  const changed = useChanged();
  return useMutation({
    mutationFn: ({ body, etag }: { body: EditServer; etag: string | null }) =>
      read(
        api.PATCH("/api/gateway/database-servers/{id_or_name}", {
          params: { path: { id_or_name: name }, ...ifMatch(etag) },
          body,
        }),
      ),
    onSuccess: changed,
  });
}

/** Removes a database server, if it still is as it was read. */
export function useDeleteServer(name: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (etag: string | null) =>
      unwrap(
        api.DELETE("/api/gateway/database-servers/{id_or_name}", {
          params: { path: { id_or_name: name }, ...ifMatch(etag) },
        }),
      ),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: serverListQuery.queryKey });
      void queries.invalidateQueries({ queryKey: ["capacity"] });
    },
  });
}
