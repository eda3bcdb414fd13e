import { tenantsText } from "../text";
import { filterOf, readSearch, resolve, type TenantFilter, type TenantSearch } from "./filter";

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

/** Views that an earlier release kept in the browser alone. */
const MOST_BROWSER_VIEWS = 20;

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
    .slice(0, MOST_BROWSER_VIEWS);
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

type Pools = readonly { id: string; name: string }[];
const LABEL = "label.";

/**
 * A view as the API keeps it: parameters of the list as in a URL. Null where its pool is not known, as the API knows pools
 * by their ids only.
 */
export function queryOfView(search: View["search"], pools: Pools | undefined): string | null {
  const resolved = resolve(search, pools);
  if (!resolved || "unknownPool" in resolved) return null;
  const { labels, sort, ...rest } = resolved.query;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(rest)) {
    if (value !== undefined) query.set(name, String(value));
  }
  for (const [name, value] of Object.entries(labels ?? {})) query.set(`${LABEL}${name}`, value);
  if (search.sort && sort) query.set("sort", sort);
  return query.toString();
}

/** What the API keeps, as an address. A pool that is not known keeps its id. */
export function searchOfQuery(query: string, pools: Pools | undefined): View["search"] {
  const label: string[] = [];
  const search: Record<string, unknown> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    if (name.startsWith(LABEL)) label.push(`${name.slice(LABEL.length)}=${value}`);
    else if (name === "pool_id") search.pool = pools?.find(({ id }) => id === value)?.name ?? value;
    else search[name] = value;
  }
  return viewSearch(readSearch({ ...search, label }));
}
