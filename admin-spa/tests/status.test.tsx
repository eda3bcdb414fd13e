import { screen } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { offeredActions } from "../src/tenants/actions";
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

  test("what is gone or going offers nothing", () => {
    expect(offeredActions(tenant({ status: "deleting" }))).toEqual([]);
    expect(offeredActions(tenant({ status: "deleted" }))).toEqual([]);
  });

  test("what failed, or waits after a failure, can be tried again", () => {
    const error = { step: "role", code: "timeout", message: "no answer" };
    const operation = { id: "1", kind: "deprovision", state: "failed" } as const;
    expect(offeredActions(tenant({ status: "error", error }))).toContain("retry");
    expect(offeredActions(tenant({ status: "deleting", error, operation }))).toEqual(["retry"]);
    expect(offeredActions(tenant({ status: "suspended", error, operation }))).toContain("retry");
    const waiting = { ...operation, kind: "provision", state: "pending" } as const;
    expect(offeredActions(tenant({ status: "pending", error, operation: waiting }))).toContain("retry");
    expect(offeredActions(tenant({ status: "pending", operation: waiting }))).not.toContain("retry");
    expect(offeredActions(tenant({ operation }))).not.toContain("retry");
  });
});
