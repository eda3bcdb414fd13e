import type { CreateBatch } from "../../api/batches";
import type { TenantQuery } from "../../api/tenants";
import type { TenantStatus, Tier } from "../../api/types";
import type { Sorting } from "../../parts/DataTable";
import type { Token, Typed } from "../../parts/tokens";
import { asOneOf, asText, asTexts, type RawSearch, textsOf } from "../../search";
import { text } from "../../text";
import { type BulkVerb, bulkVerbs } from "./bulkVerbs";

export const statuses = Object.keys(text.status) as TenantStatus[];
export const tiers = Object.keys(text.tier) as Tier[];

/** What the address of the list says: which tenants, in which order, where the page begins, and what is open beside it. */
export interface TenantSearch {
  q?: string;
  /** Statuses with commas between. */
  status?: string;
  tier?: Tier;
  /** The name of a pool, or its id. */
  pool?: string;
  plan?: string;
  server?: string;
  /** Labels as `name=value`. */
  label?: string[];
  sort?: string;
  cursor?: string;
  /** The key of the tenant whose peek is open. */
  peek?: string;
  /** What is about to be asked of many. */
  bulk?: BulkVerb;
}

/** The part of the address that says which tenants. */
export type TenantFilter = Omit<TenantSearch, "sort" | "cursor" | "peek" | "bulk">;

/** The fields the server sorts by. */
const SORTS = ["created_at", "updated_at", "key", "company_name"];
export const DEFAULT_SORT = "-created_at";

// The API takes "ready" for "active", so links made for it work here too.
const statusOf = (word: string): TenantStatus | undefined =>
  word === "ready" ? "active" : statuses.find((known) => known === word);

const readStatuses = (value: unknown): string => {
  const found = asTexts(value)
    .flatMap((part) => part.split(","))
    .flatMap((word) => statusOf(word.trim()) ?? []);
  return [...new Set(found)].join(",");
};

/** Reads an address; what it does not know is left out. */
export function readSearch(search: RawSearch): TenantSearch {
  const status = readStatuses(search.status);
  const tier = asOneOf(search.tier, tiers);
  const label = asTexts(search.label).filter((one) => one.indexOf("=") > 0);
  const sort = asText(search.sort);
  const bulk = asOneOf(search.bulk, bulkVerbs);
  return {
    ...textsOf(search, ["q", "pool", "plan", "server", "cursor", "peek"]),
    ...(status ? { status } : {}),
    ...(tier ? { tier } : {}),
    ...(label.length > 0 ? { label } : {}),
    ...(sort && SORTS.includes(sort.replace(/^-/, "")) ? { sort } : {}),
    ...(bulk ? { bulk } : {}),
  };
}

/** Which tenants an address is about, without what is beside that. */
export function filterOf({ sort, cursor, peek, bulk, ...filter }: TenantSearch): TenantFilter {
  return filter;
}

/** Whether a filter leaves anything out. */
export const isFiltered = (filter: TenantFilter): boolean => Object.keys(filter).length > 0;

/** What stands in the search line and in the chips below it. */
export function typedOf(filter: TenantFilter): Typed {
  const one = (name: "tier" | "pool" | "plan" | "server"): Token[] => {
    const value = filter[name];
    return value ? [{ name, value }] : [];
  };
  const status = (filter.status ?? "").split(",").filter(Boolean);
  return {
    words: filter.q ?? "",
    tokens: [
      ...status.map((value) => ({ name: "status", value })),
      ...one("tier"),
      ...one("pool"),
      ...one("plan"),
      ...one("server"),
      ...(filter.label ?? []).map((value) => ({ name: "label", value })),
    ],
  };
}

/** What was typed, as part of an address, and the filters whose values mean nothing. */
export function filterOfTyped({ tokens, words }: Typed): { filter: TenantFilter; wrong: Token[] } {
  const wrong = tokens.filter(
    ({ name, value }) =>
      (name === "status" && value.split(",").some((word) => !statusOf(word))) ||
      (name === "tier" && !tiers.some((tier) => tier === value)) ||
      (name === "label" && value.indexOf("=") <= 0),
  );
  const right = tokens.filter((token) => !wrong.includes(token));
  const values = (name: string) => right.flatMap((token) => (token.name === name ? [token.value] : []));
  return {
    wrong,
    filter: filterOf(
      readSearch({
        q: words,
        status: values("status"),
        tier: values("tier").at(-1),
        pool: values("pool").at(-1),
        plan: values("plan").at(-1),
        server: values("server").at(-1),
        label: values("label"),
      }),
    ),
  };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function labelsOf(labels: readonly string[]): Record<string, string> {
  const pairs = labels.map((label) => [
    label.slice(0, label.indexOf("=")),
    label.slice(label.indexOf("=") + 1),
  ]);
  return Object.fromEntries(pairs);
}

/** What the API is asked; null while the name of the pool cannot be told from its id. */
export type Resolved = { query: TenantQuery } | { unknownPool: string };

/** Turns an address into what the API is asked: it knows pools by their ids only. */
export function resolve(
  search: TenantSearch,
  pools: readonly { id: string; name: string }[] | undefined,
): Resolved | null {
  const { pool, label, sort = DEFAULT_SORT, status, tier, plan, server, q } = search;
  let poolId: string | undefined;
  if (pool) {
    poolId = pools?.find(({ name }) => name === pool)?.id ?? (UUID.test(pool) ? pool : undefined);
    if (!poolId) return pools ? { unknownPool: pool } : null;
  }
  return {
    query: {
      sort,
      ...(q ? { q } : {}),
      ...(status ? { status } : {}),
      ...(tier ? { tier } : {}),
      ...(plan ? { plan } : {}),
      ...(server ? { server } : {}),
      ...(poolId ? { pool_id: poolId } : {}),
      ...(label ? { labels: labelsOf(label) } : {}),
    },
  };
}

/** The same tenants, as a batch names them. */
export function batchFilterOf({ labels, status, sort, tier, ...rest }: TenantQuery): CreateBatch["filter"] {
  return {
    ...rest,
    ...(tier ? { tier: tier as Tier } : {}),
    ...(status ? { status: status.split(",") as TenantStatus[] } : {}),
    ...(labels ? { labels: { ...labels } } : {}),
  };
}

/** `-created_at` as a sorting, and back. */
export const sortingOf = (sort: string): Sorting => ({
  by: sort.replace(/^-/, ""),
  descending: sort.startsWith("-"),
});
export const writeSorting = ({ by, descending }: Sorting): string => (descending ? `-${by}` : by);
