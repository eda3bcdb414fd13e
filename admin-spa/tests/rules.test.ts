import { describe, expect, test } from "vitest";
import { isInMotion } from "../src/api/tenants";
import { safeTarget } from "../src/login/safeTarget";
import { groupSteps } from "../src/operations/stepGroups";
import { keyReasons } from "../src/tenants/keyRules";
import { placeErrors } from "../src/tenants/pointers";
import { duration, relativeTime } from "../src/time";
import { step, tenant } from "./samples";

describe("keys", () => {
  test.each(["ab", "acme", "a-1-b", "9to5", "a".repeat(40)])("%s is fine", (key) => {
    expect(keyReasons(key)).toEqual([]);
  });
  test.each([
    ["a", "At least"],
    ["a".repeat(41), "At most"],
    ["-ab", "start"],
    ["ab-", "end"],
    ["a--b", "two hyphens"],
    ["Acme", "“A”"],
    ["a b", "a space"],
    ["ä1", "“ä”"],
  ])("%s is refused with a reason", (key, reason) => {
    expect(keyReasons(key).join(" ")).toContain(reason);
  });
});

describe("the page to go to after logging in", () => {
  test("is kept when it belongs to the console", () => {
    expect(safeTarget("/tenants/acme?operation=1")).toBe("/tenants/acme?operation=1");
  });
  test.each([
    undefined,
    "",
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "/login",
    "tenants",
  ])("is the overview for %s", (next) => {
    expect(safeTarget(next)).toBe("/");
  });
});

test("field errors go to their field, the others stay", () => {
  const errors = [
    { pointer: "/key", code: "reserved", message: "Reserved." },
    { pointer: "/host", code: "taken", message: "Taken." },
  ];
  expect(placeErrors(errors, ["key", "company_name"])).toEqual({
    placed: { key: "Reserved." },
    rest: [errors[1]],
  });
});

test("attempts of a step are joined, the newest first", () => {
  const steps = [
    step({ id: 3, step: "role", attempt: 2, state: "failed" }),
    step({ id: 1, step: "role", state: "failed" }),
    step({ id: 2, step: "database" }),
  ];
  const groups = groupSteps(steps);
  expect(groups.map((group) => group.latest.id)).toEqual([3, 2]);
  expect(groups[0]?.earlier.map((earlier) => earlier.id)).toEqual([1]);
});

test("a tenant with work due is in motion unless it is paused", () => {
  expect(isInMotion(tenant({ status: "provisioning" }))).toBe(true);
  expect(isInMotion(tenant({ status: "provisioning", paused: true }))).toBe(false);
  expect(isInMotion(tenant())).toBe(false);
  expect(isInMotion(tenant({ status: "deleting", purge_at: "2099-01-01T00:00:00Z" }))).toBe(false);
  expect(isInMotion(tenant({ status: "deleting", purge_at: "2020-01-01T00:00:00Z" }))).toBe(true);
  expect(isInMotion(tenant({ operation: { id: "1", kind: "suspend", state: "running" } }))).toBe(true);
});

test("durations and distances are in words a person uses", () => {
  expect([84, 2400, 42_000, 185_000, 7_500_000].map(duration)).toEqual([
    "84 ms",
    "2.4 s",
    "42 s",
    "3 min 5 s",
    "2 h 5 min",
  ]);
  const now = Date.parse("2026-01-02T03:04:05Z");
  expect(relativeTime("2026-01-02T03:04:04Z", now)).toBe("now");
  expect(relativeTime("2026-01-02T03:01:05Z", now)).toMatch(/^3 min/);
});
