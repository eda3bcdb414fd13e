import { describe, expect, test } from "vitest";
import type { GatewayEvent } from "../src/api/types";
import { findDifferences } from "../src/audit/diff";
import { pageOf } from "../src/audit/targets";
import { fits } from "../src/events/api";
import { addEvents, findGaps, MOST } from "../src/events/journal";
import { matchEntries, readId } from "../src/palette/entries";
import { browserName } from "../src/people/browserName";
import { entry as found } from "./samples";

const event = (id: number, fields: Partial<GatewayEvent> = {}): GatewayEvent => ({
  id,
  at: "2026-01-02T03:04:05Z",
  kind: "tenant.created",
  tenant_id: "id-1",
  tenant_key: "acme",
  operation_id: null,
  actor: "user:olga@example.com",
  data: {},
  ...fields,
});

describe("the journal of events", () => {
  test("holds each event once, newest first, and not too many", () => {
    const first = addEvents([], [event(1), event(2)]);
    expect(first.map(({ id }) => id)).toEqual([2, 1]);
    expect(addEvents(first, [event(2)])).toBe(first);
    expect(addEvents(first, [event(4), event(3)]).map(({ id }) => id)).toEqual([4, 3, 2, 1]);
    const many = addEvents(
      [],
      Array.from({ length: MOST + 50 }, (_, at) => event(at + 1)),
    );
    expect(many).toHaveLength(MOST);
    expect(many[0]?.id).toBe(MOST + 50);
  });

  test("marks where numbers are missing, but not under a filter", () => {
    const events = [event(9), event(8), event(5), event(4)];
    expect([...findGaps(events, false)]).toEqual([[8, 2]]);
    expect(findGaps(events, true).size).toBe(0);
  });

  test.each([
    [{}, true],
    [{ kind: "tenant.created" }, true],
    [{ kind: "tenant.*" }, true],
    [{ kind: "operation.*,tenant.created" }, true],
    [{ kind: "operation.*" }, false],
    [{ kind: "tenant.created", tenant: "globex" }, false],
    [{ tenant: "id-1" }, true],
  ])("filters as the server does: %o", (filter, expected) => {
    expect(fits(event(1), filter)).toBe(expected);
  });
});

test("what changed is named field by field, inside of others too", () => {
  expect(
    findDifferences({ a: 1, b: { c: "x", d: [1] }, gone: true }, { a: 1, b: { c: "y", d: [1, 2] }, e: null }),
  ).toEqual([
    { field: "b.c", before: "x", after: "y" },
    { field: "b.d", before: [1], after: [1, 2] },
    { field: "e", before: undefined, after: null },
    { field: "gone", before: true, after: undefined },
  ]);
  expect(findDifferences(null, null)).toEqual([]);
});

test.each([
  ["tenant:0190", "/tenants/0190"],
  ["user:jo@example.com", "/users/jo%40example.com"],
  ["api_key:k1", "/keys/k1"],
  ["mail:1", null],
  ["nothing", null],
  [null, null],
])("the page of %s is %s", (target, page) => {
  expect(pageOf(target)).toBe(page);
});

describe("the palette", () => {
  const entries = [found("Tenants", "customers companies"), found("Pools"), found("New tenant")];

  test("finds by the beginnings of words, in any order", () => {
    const labels = (typed: string) => matchEntries(entries, typed).map(({ label }) => label);
    expect(labels("")).toHaveLength(3);
    expect(labels("ten")).toEqual(["Tenants", "New tenant"]);
    expect(labels("tenant new")).toEqual(["New tenant"]);
    expect(labels("compan")).toEqual(["Tenants"]);
    expect(labels("ools")).toEqual([]);
  });

  test.each([
    ["0190a0b0-0000-7000-8000-000000000001", "0190a0b0-0000-7000-8000-000000000001"],
    [" tenant:0190A0B0-0000-7000-8000-000000000001 ", "0190a0b0-0000-7000-8000-000000000001"],
    ["acme", null],
    ["", null],
  ])("reads an id out of %j", (typed, id) => {
    expect(readId(typed)).toBe(id);
  });
});

test.each([
  ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"],
  [
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0",
    "Edge on Windows",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1",
    "Safari on iOS",
  ],
  ["curl/8.0", "curl"],
  ["", null],
])("%s is %s", (userAgent, name) => {
  expect(browserName(userAgent)).toBe(name);
});
