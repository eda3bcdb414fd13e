import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, test } from "vitest";
import type { Tenant } from "../src/api/types";
import { renderConsole } from "./render";
import { tenant } from "./samples";
import { problem, server } from "./server";

let current: Tenant;
let asked: string[];

beforeEach(() => {
  current = tenant();
  asked = [];
  server.use(
    http.get("*/api/gateway/tenants/acme", () => HttpResponse.json(current)),
    http.get("*/api/gateway/operations", () => HttpResponse.json({ items: [], next_cursor: null })),
    http.delete("*/api/gateway/tenants/acme", ({ request }) => {
      asked.push(new URL(request.url).search);
      if (current.status === "suspended" && asked.length === 1 && refuseFirst) {
        return problem(409, { title: "Still active", code: "tenant_active", detail: "Suspend it first." });
      }
      current = { ...current, status: "deleting" };
      return HttpResponse.json(current, { status: 202 });
    }),
  );
  refuseFirst = false;
});
let refuseFirst = false;

async function openDialog() {
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Delete…" }));
  const confirm = await screen.findByLabelText("Type acme to confirm");
  return { user, confirm, submit: screen.getByRole("button", { name: "Delete acme" }) };
}

test("deletion waits for the exact key", async () => {
  current = tenant({ status: "suspended" });
  renderConsole("/tenants/acme");
  const { user, confirm, submit } = await openDialog();
  expect(submit).toBeDisabled();
  await user.type(confirm, "acm");
  expect(submit).toBeDisabled();
  await user.type(confirm, "e");
  await user.click(submit);
  await waitFor(() => expect(asked).toEqual(["?force=false"]));
  expect(await screen.findByText("Deleting")).toBeInTheDocument();
});

test("an active tenant is deleted only with force, and its meaning is told", async () => {
  renderConsole("/tenants/acme");
  const { user, confirm, submit } = await openDialog();
  await user.type(confirm, "acme");
  expect(submit).toBeDisabled();
  expect(screen.getByText(/users see errors at once/)).toBeInTheDocument();
  await user.click(screen.getByLabelText("Delete it while it is serving"));
  await user.click(submit);
  await waitFor(() => expect(asked).toEqual(["?force=true"]));
});

test("a conflict the page did not foresee offers force", async () => {
  current = tenant({ status: "suspended" });
  refuseFirst = true;
  renderConsole("/tenants/acme");
  const { user, confirm, submit } = await openDialog();
  await user.type(confirm, "acme");
  await user.click(submit);
  expect(await screen.findByText("Suspend it first.")).toBeInTheDocument();
  await user.click(screen.getByLabelText("Delete it while it is serving"));
  await user.click(submit);
  await waitFor(() => expect(asked).toEqual(["?force=false", "?force=true"]));
});
