import { describe, expect, test } from "vitest";
import { readTyped } from "../src/parts/tokens";
import {
  batchFilterOf,
  filterOfTyped,
  readSearch,
  resolve,
  type TenantSearch,
  typedOf,
} from "../src/tenants/list/filter";
import { isShown, queryOfView, readViews, searchOfQuery, viewSearch } from "../src/tenants/list/views";
import { pool } from "./fleet";

const names = ["status", "tier", "pool", "plan", "server", "label"];
const typed = (line: string) => filterOfTyped(readTyped(line, names));

describe("what is typed into the search line", () => {
  test("becomes filters and words", () => {
    expect(typed("acme status:error pool:eu plan:pro label:team=a tier:dedicated server:db1 gmbh")).toEqual({
      wrong: [],
      filter: {
        q: "acme gmbh",
        status: "error",
        pool: "eu",
        plan: "pro",
        label: ["team=a"],
        tier: "dedicated",
        server: "db1",
      },
    });
  });

  test("comes back as it was typed", () => {
    const { filter } = typed("status:error status:pending label:a=1 label:b=2 words");
    expect(filter.status).toBe("error,pending");
    expect(filterOfTyped(typedOf(filter)).filter).toEqual(filter);
  });

  test("is named where it means nothing, and filters nothing", () => {
    const { filter, wrong } = typed("status:happy tier:gold label:plain");
    expect(filter).toEqual({});
    expect(wrong.map(({ name, value }) => `${name}:${value}`)).toEqual([
      "status:happy",
      "tier:gold",
      "label:plain",
    ]);
  });
});

describe("an address", () => {
  test("keeps what it knows and leaves the rest out", () => {
    expect(
      readSearch({
        status: "ready,nonsense",
        sort: "password",
        label: "a=b",
        tier: "x",
        page: "2",
        bulk: "suspend",
      }),
    ).toEqual({ status: "active", label: ["a=b"], bulk: "suspend" });
  });

  test("names pools by their names, the API by their ids", () => {
    const eu = pool();
    const search: TenantSearch = { pool: "eu", status: "error", label: ["team=a=b"] };
    const resolved = resolve(search, [eu]);
    expect(resolved).toEqual({
      query: { sort: "-created_at", status: "error", pool_id: eu.id, labels: { team: "a=b" } },
    });
    expect(resolve(search, undefined)).toBeNull();
    expect(resolve({ pool: "us" }, [eu])).toEqual({ unknownPool: "us" });
    expect(resolve({ pool: eu.id }, [])).toEqual({ query: { sort: "-created_at", pool_id: eu.id } });
  });

  test("asks of many what it asks of the list", () => {
    const resolved = resolve({ status: "error,pending", q: "ac", plan: "pro", label: ["a=1"] }, []);
    if (!resolved || "unknownPool" in resolved) throw new Error("not resolved");
    expect(batchFilterOf(resolved.query)).toEqual({
      status: ["error", "pending"],
      q: "ac",
      plan: "pro",
      labels: { a: "1" },
    });
  });
});

describe("views", () => {
  test("are known again whatever the order of their filters, and not by what is beside the list", () => {
    const view = { name: "mine", search: viewSearch({ status: "error", q: "a", peek: "acme", cursor: "c" }) };
    expect(view.search).toEqual({ status: "error", q: "a" });
    expect(isShown(view, { q: "a", status: "error", cursor: "other" })).toBe(true);
    expect(isShown(view, { q: "a" })).toBe(false);
  });

  test("are kept by the API in its own words, and read back", () => {
    const eu = pool();
    const search = viewSearch({
      q: "a b",
      status: "error,pending",
      pool: "eu",
      label: ["team=a=b"],
      sort: "key",
    });
    const query = queryOfView(search, [eu]);
    expect(query).toBe(`q=a+b&status=error%2Cpending&pool_id=${eu.id}&label.team=a%3Db&sort=key`);
    expect(searchOfQuery(query ?? "", [eu])).toEqual(search);
    expect(searchOfQuery(`pool_id=${eu.id}&odd=1`, undefined)).toEqual({ pool: eu.id });
    expect(queryOfView({ pool: "gone" }, [eu])).toBeNull();
    expect(queryOfView({ q: "a" }, undefined)).toBe("q=a");
  });

  test("are read from a browser that kept something else", () => {
    expect(readViews("x")).toEqual([]);
    expect(readViews([null, { name: "" }, { name: "ok", search: { status: "error", odd: 1 } }])).toEqual([
      { name: "ok", search: { status: "error" } },
    ]);
  });
});
