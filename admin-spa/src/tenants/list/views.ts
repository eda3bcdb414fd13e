import { tenantsText } from "../text";
import { filterOf, readSearch, type TenantFilter, type TenantSearch } from "./filter";

const { views: words } = tenantsText;

/** A choice of tenants with a name. */
export interface View {
  name: string;
  search: TenantFilter & Pick<TenantSearch, "sort">;
}

/** Views everybody has. */
export const givenViews: readonly View[] = [
  { name: words.all, search: {} },
  { name: words.error, search: { status: "error" } },
  { name: words.moving, search: { status: "pending,provisioning" } },
  { name: words.suspended, search: { status: "suspended" } },
  { name: words.leaving, search: { status: "deleting,purging" } },
];

export const MOST_VIEWS = 20;

/** Makes sense of what the browser kept, which may be of another release. */
export function readViews(stored: unknown): View[] {
  if (!Array.isArray(stored)) return [];
  return stored
    .flatMap((entry: unknown) => {
      const { name, search } = (entry ?? {}) as { name?: unknown; search?: unknown };
      if (typeof name !== "string" || name.trim() === "" || typeof search !== "object" || search === null)
        return [];
      return [{ name, search: viewSearch(readSearch(search as Record<string, unknown>)) }];
    })
    .slice(0, MOST_VIEWS);
}

/** The part of an address that a view keeps. */
export function viewSearch(search: TenantSearch): View["search"] {
  return { ...filterOf(search), ...(search.sort ? { sort: search.sort } : {}) };
}

/** Whether an address shows a view. */
export const isShown = (view: View, search: TenantSearch): boolean =>
  written(view.search) === written(viewSearch(search));

const written = (search: View["search"]): string =>
  JSON.stringify(Object.entries(search).toSorted(([one], [other]) => (one < other ? -1 : 1)));
