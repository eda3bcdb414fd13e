import { screen } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { canCancel, offeredActions } from "../src/tenants/actions";
import { StatusBadge } from "../src/tenants/StatusBadge";
import { statuses, statusLooks } from "../src/tenants/statusLooks";
import { text } from "../src/text";
import { renderPart } from "./render";
import { tenant } from "./samples";

describe("tenant status", () => {
  test("every status has a look, a word and a sentence of its own", () => {
    expect(statuses.toSorted()).toEqual(Object.keys(text.status).toSorted());
    expect(new Set(statuses.map((status) => statusLooks[status].icon)).size).toBe(statuses.length);
    const sentences = statuses.map((status) => text.stateSentence(tenant({ status })));
    expect(new Set(sentences).size).toBe(statuses.length);
  });

  test.each(statuses)("%s is shown as an icon and a word", (status) => {
    renderPart(<StatusBadge status={status} />);
    expect(screen.getByText(text.status[status]).querySelector("svg")).toBeInTheDocument();
  });

  test("what is going can be taken back until its data goes, and what is gone offers nothing", () => {
    expect(offeredActions(tenant({ status: "deleting" }))).toEqual(["undelete", "pause", "delete"]);
    expect(offeredActions(tenant({ status: "purging" }))).toEqual(["pause"]);
    expect(offeredActions(tenant({ status: "deleted" }))).toEqual([]);
  });

  test("a paused tenant is resumed instead of paused", () => {
    expect(offeredActions(tenant())).toEqual(["suspend", "rotate", "pause", "delete"]);
    expect(offeredActions(tenant({ paused: true }))).toEqual(["suspend", "rotate", "resume", "delete"]);
  });

  test("only open work that makes or changes a tenant is cancelled", () => {
    expect(canCancel({ kind: "provision", state: "running" })).toBe(true);
    expect(canCancel({ kind: "rotate", state: "pending" })).toBe(true);
    expect(canCancel({ kind: "provision", state: "failed" })).toBe(false);
    expect(canCancel({ kind: "suspend", state: "running" })).toBe(false);
    expect(canCancel({ kind: "purge", state: "running" })).toBe(false);
  });

  test("what failed, or waits after a failure, can be tried again", () => {
    const error = { step: "role", code: "timeout", message: "no answer" };
    const operation = { id: "1", kind: "deprovision", state: "failed" } as const;
    expect(offeredActions(tenant({ status: "error", error }))).toContain("retry");
    expect(offeredActions(tenant({ status: "deleting", error, operation }))[0]).toBe("retry");
    expect(offeredActions(tenant({ status: "purging", error, operation }))).toEqual(["retry", "pause"]);
    expect(offeredActions(tenant({ status: "suspended", error, operation }))).toContain("retry");
    const waiting = { ...operation, kind: "provision", state: "pending" } as const;
    expect(offeredActions(tenant({ status: "pending", error, operation: waiting }))).toContain("retry");
    expect(offeredActions(tenant({ status: "pending", operation: waiting }))).not.toContain("retry");
    expect(offeredActions(tenant({ operation }))).not.toContain("retry");
  });
});
