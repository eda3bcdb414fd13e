import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "../../api/client";
import type { components } from "../../api/schema";

type Schemas = components["schemas"];
export type SavedView = Schemas["SavedView"];
export type CreateView = Schemas["CreateView"];
export type EditView = Schemas["EditView"];

/** The most that a page of the API holds. */
const PAGE_SIZE = 200;
const STALE_MS = 60_000;

/** All views that somebody sees: one's own and those that others share, newest first. */
export const viewsQuery = queryOptions({
  queryKey: ["views"],
  queryFn: async ({ signal }): Promise<SavedView[]> => {
    const found: SavedView[] = [];
    let cursor: string | null = null;
    do {
      const query: { limit: number; cursor?: string } = { limit: PAGE_SIZE, ...(cursor ? { cursor } : {}) };
      const page: Schemas["SavedViewList"] = await unwrap(
        api.GET("/api/gateway/me/views", { params: { query }, signal }),
      );
      found.push(...page.items);
      cursor = page.next_cursor;
    } while (cursor);
    return found;
  },
  staleTime: STALE_MS,
});

function useViewsCall<Output, Input>(run: (input: Input) => Promise<Output>) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: run,
    // Also after a failure: another window may have been faster.
    onSettled: () => queries.invalidateQueries({ queryKey: viewsQuery.queryKey }),
  });
}

/** Keeps a view. */
const createView = (body: CreateView): Promise<SavedView> =>
  unwrap(api.POST("/api/gateway/me/views", { body }));

export const useCreateView = () => useViewsCall(createView);

/** Changes a view of one's own; what is left out stays. */
export const useEditView = () =>
  useViewsCall(({ id, edit }: { id: string; edit: EditView }) =>
    unwrap(api.PATCH("/api/gateway/me/views/{id}", { params: { path: { id } }, body: edit })),
  );

/** Removes a view of one's own. */
export const useDeleteView = () =>
  useViewsCall((id: string) =>
    unwrap(api.DELETE("/api/gateway/me/views/{id}", { params: { path: { id } } })),
  );

/**
 * Keeps several views, one after the other, and says which were not kept and why the first of them was not. One whose name is
 * taken does not keep the others from being kept.
 */
export function useKeepViews() {
  return useViewsCall(async (bodies: readonly CreateView[]) => {
    const kept: string[] = [];
    let error: unknown = null;
    for (const body of bodies) {
      try {
        await createView(body);
        kept.push(body.name);
      } catch (failure) {
        error ??= failure;
      }
    }
    return { kept, error };
  });
}
