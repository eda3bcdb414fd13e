import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Drift } from "../src/drift/api";
import { comingSteps, stepProgress } from "../src/operations/coming";
import { readFailures } from "../src/operations/failures";
import { hear, mergeOperation, nothingTold } from "../src/operations/mergeOperation";
import { keyFrom, keySuggestions } from "../src/tenants/create/keySuggestions";
import { environmentOf, psqlOf } from "../src/tenants/detail/ConnectionDialog";
import { editOf } from "../src/tenants/detail/EditDetails";
import { placesOf, resourcesOf } from "../src/tenants/detail/resources";
import { joinEntries } from "../src/tenants/detail/useActivity";
import { labelPatch } from "../src/tenants/LabelFields";
import { writeCsv } from "../src/tenants/list/csv";
import { placeInside } from "../src/tenants/pointers";
import { reservedKeys } from "../src/tenants/reservedKeys";
import { operation, step, tenant } from "./samples";

/** Tests run in `admin-spa/`. */
const read = (path: string) => readFileSync(`../${path}`, "utf8");
const AT = "2026-01-02T03:04:05Z";

describe("keys", () => {
  test("that are reserved are those of the server", () => {
    const source = read("gateway/src/domain/key.rs");
    const list = source.slice(source.indexOf("RESERVED: &[&str]"));
    const words = [...list.slice(0, list.indexOf("];")).matchAll(/"([a-z0-9]+)"/g)].map(([, word]) => word);
    expect([...reservedKeys].toSorted()).toEqual(words.toSorted());
  });

  test.each([
    ["Müller & Söhne GmbH", "muller-sohne"],
    ["ACME, Inc.", "acme"],
    ["Straße 7", "strasse-7"],
    ["株式会社", ""],
    ["  --x--  ", "x"],
  ])("are made of “%s”", (company, key) => {
    expect(keyFrom(company)).toBe(key);
  });

  test("are proposed only where they can be had", () => {
    expect(keySuggestions("Admin", "admin")).toEqual(["admin-2", "admin-3", "admin-app", "admin-hq"]);
    expect(keySuggestions("X", "")).not.toContain("x");
    expect(keySuggestions("Acme", "Acme!")).toContain("acme");
  });
});

describe("an operation and its stream", () => {
  const started = step({ id: 2, state: "started", ended_at: null, duration_ms: null });

  test("join so that what knows more counts, whichever came first", () => {
    const read = operation({ state: "running", ended_at: null, steps: [step({ id: 1 }), started] });
    const told = hear(nothingTold, "step", JSON.stringify({ ...started, state: "succeeded", ended_at: AT }));
    expect(mergeOperation(read, told).steps?.map(({ state }) => state)).toEqual(["succeeded", "succeeded"]);
    // An old message does not undo what was read since.
    const late = hear(nothingTold, "step", JSON.stringify(started));
    const done = operation({ steps: [{ ...started, state: "failed", ended_at: AT }] });
    expect(mergeOperation(done, late).steps?.[0]?.state).toBe("failed");
    const running = hear(
      nothingTold,
      "operation",
      JSON.stringify(operation({ state: "running", attempt: 1 })),
    );
    expect(mergeOperation(operation({ state: "succeeded", attempt: 1 }), running).state).toBe("succeeded");
  });

  test("survive a message that cannot be read", () => {
    expect(hear(nothingTold, "step", "<html>")).toBe(nothingTold);
    expect(hear(nothingTold, "step", "null")).toBe(nothingTold);
  });

  test("say what is to come, and how far they are in this attempt", () => {
    const open = operation({
      state: "running",
      attempt: 2,
      steps: [
        step({ id: 1, step: "allocate", attempt: 1 }),
        step({ id: 2, step: "allocate", attempt: 2, state: "skipped" }),
        step({ id: 3, step: "role", attempt: 2, state: "started" }),
      ],
    });
    expect(comingSteps(open)).toEqual(["database", "migrations", "network", "container", "route", "proof"]);
    expect(stepProgress(open)).toEqual({ done: 1, all: 8 });
    expect(comingSteps(operation({ state: "succeeded" }))).toEqual([]);
    expect(stepProgress(operation({ kind: "purge", state: "running" }))).toBeNull();
  });
});

test("every failure code of the documentation has a meaning", () => {
  const failures = readFailures(read("gateway/docs/errors.md"));
  expect(failures.length).toBeGreaterThan(100);
  for (const { code, meaning } of failures) expect(meaning, code).not.toBe("");
  const refuses = failures.find(({ code }) => code === "database_server_refuses");
  expect(refuses).toMatchObject({ section: "The tenants' database servers", repeats: "P" });
  expect(refuses?.remedy).toContain("tenant_database_url");
  // One line can explain several codes.
  expect(failures.some(({ code }) => code === "services_in_error")).toBe(true);
});

describe("resources", () => {
  const drift = (fields: Partial<Drift>): Drift => ({
    tenant_id: "1",
    tenant_key: "acme",
    tenant_status: "active",
    kind: "route_differs",
    what: "The router differs.",
    wanted: "a",
    observed: "b",
    repair: "asked",
    first_seen_at: AT,
    ...fields,
  });
  const look = { looked_at: AT, since: AT, tenants: 1, orphans: 0, refused: null, unknown: [] };
  const sights = (...given: Parameters<typeof resourcesOf>) =>
    Object.fromEntries(resourcesOf(...given).map(({ kind, sight }) => [kind, sight.is]));

  test("differ where a look found it, and stand as wanted elsewhere", () => {
    expect(sights(tenant(), [drift({})], look)).toMatchObject({ route: "drifted", database: "wanted" });
  });
  test("are not called as wanted where nobody looked, or could look", () => {
    expect(sights(tenant(), [], null)).toMatchObject({ route: "unlooked" });
    const unknown = [{ source: "Docker Engine", code: "docker_unreachable", message: "no answer" }];
    expect(sights(tenant(), [], { ...look, unknown })).toMatchObject({ network: "unseen", route: "wanted" });
    const dark = (name: string) => ({
      ...look,
      unknown: [
        { source: `the database server ${name}`, code: "database_server_unreachable", message: "no answer" },
      ],
    });
    const placed = tenant({ server: "eu-1" });
    expect(sights(placed, [], dark("eu-1"))).toMatchObject({
      database: "unseen",
      role: "unseen",
      route: "wanted",
    });
    expect(sights(placed, [], dark("eu-2"))).toMatchObject({ database: "wanted" });
    expect(sights(tenant({ generation: 2 }), [], look)).toMatchObject({ database: "settling" });
  });
});

test("a tenant is on its own network, on that of its pool, or on none", () => {
  const wanted = (fields: Partial<Parameters<typeof resourcesOf>[0]>) =>
    resourcesOf(tenant(fields), [], null).find(({ kind }) => kind === "network")?.wanted;
  expect(wanted({ network_name: "t_1", subnet: "10.88.0.0/28" })).toBe("its own, t_1 on 10.88.0.0/28");
  expect(wanted({ subnet: "10.88.0.0/28" })).toBe("10.88.0.0/28");
  expect(wanted({ network: "per-pool", network_name: "pool_1" })).toBe("that of its pool, pool_1");
  expect(wanted({ network: "per-pool" })).toBe("that of the pool that serves it");
  expect(wanted({ network: "none" })).toBe("none, as its plan says");
  expect(wanted({})).toBeNull();
});

test("places that could not be read have the names the reconciler gives them", () => {
  const source = read("gateway/src/reconcile/guard.rs");
  for (const place of Object.values(placesOf).flat()) {
    expect(source).toContain(place.endsWith(" ") ? `"${place}{name}"` : `"${place}"`);
  }
});

test("what happened is told newest first, what was asked below what came of it", () => {
  const event = (id: number, at: string) => ({
    id,
    at,
    kind: "tenant.created" as const,
    tenant_id: "1",
    tenant_key: "acme",
    operation_id: null,
    actor: "key:a",
    data: {},
  });
  const call = {
    id: 9,
    at: AT,
    actor: "key:a",
    via: "api_key",
    address: "127.0.0.1",
    request_id: "r",
    call: "create_tenant",
    path: "/",
    target: "tenant:1",
    status: 202,
    code: null,
    before: null,
    after: null,
    digest: "",
  };
  const entries = joinEntries([event(1, AT), event(2, AT), event(3, "2026-01-02T03:05:00Z")], [call]);
  expect(entries.map(({ id }) => id)).toEqual(["event 3", "event 2", "event 1", "call 9"]);
});

describe("a tenant's form", () => {
  test("sends what was changed and nothing else", () => {
    const before = tenant({ labels: { team: "a", old: "1" }, notes: "n" });
    const typed = { company: "Acme Ltd", notes: "n", plan: "default", pinned: false, labels: [] };
    const labels = [
      { id: 0, name: "team", value: "b" },
      { id: 1, name: "", value: "ignored" },
    ];
    expect(editOf(before, { ...typed, labels })).toEqual({ labels: { team: "b", old: null } });
    expect(
      editOf(tenant(), { company: "Acme Ltd ", notes: "", plan: "default", pinned: false, labels: [] }),
    ).toBeUndefined();
    const pinned = { company: "Acme Ltd", notes: "", plan: "default", pinned: true, labels: [] };
    expect(editOf(tenant(), pinned)).toEqual({ route_pinned: true });
    expect(labelPatch({ a: "1" }, { a: "1" })).toBeUndefined();
  });

  test("finds the label an error is about", () => {
    const errors = [
      { pointer: "/labels/a~1b", code: "x", message: "wrong" },
      { pointer: "/labels", code: "y", message: "too many" },
    ];
    expect(placeInside(errors, "labels")).toEqual({ placed: { "a/b": "wrong" }, rest: [errors[1]] });
  });
});

test("lines to connect with survive a shell", () => {
  const credentials = {
    database_url: "postgres://u:p%27@h:5/d",
    host: "h",
    port: 5,
    database: "d",
    username: "u",
    password: "it's $(rm)",
    company_name: "Acme",
  };
  expect(psqlOf(credentials)).toBe(`PGPASSWORD='it'\\''s $(rm)' psql -h h -p 5 -U u -d d`);
  expect(environmentOf(credentials)).toContain("PGPORT=5\n");
});

test("an exported file runs nothing and keeps what it holds", () => {
  const columns = [
    { header: "Key", csv: ({ key }: { key: string }) => key },
    { header: "Company", csv: ({ name }: { name: string }) => name },
  ];
  const rows = [
    { key: "a", name: 'He said "no", twice' },
    { key: "b", name: '=HYPERLINK("http://evil")' },
    { key: "c", name: "two\nlines" },
  ];
  expect(writeCsv(columns, rows)).toBe(
    'Key,Company\r\na,"He said ""no"", twice"\r\nb,"\'=HYPERLINK(""http://evil"")"\r\nc,"two\nlines"\r\n',
  );
});
