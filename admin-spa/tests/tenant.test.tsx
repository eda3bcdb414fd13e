import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, test } from "vitest";
import type { Tenant } from "../src/api/types";
import { renderConsole } from "./render";
import { operation, tenant } from "./samples";
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
  await waitFor(() => expect(asked).toEqual(["?force=false&purge=false"]));
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
  await waitFor(() => expect(asked).toEqual(["?force=true&purge=false"]));
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
  await waitFor(() => expect(asked).toEqual(["?force=false&purge=false", "?force=true&purge=false"]));
});

test("the data goes for good at once only when that is ticked and typed", async () => {
  current = tenant({ status: "suspended" });
  renderConsole("/tenants/acme");
  const { user, confirm, submit } = await openDialog();
  expect(screen.getByText(/data is kept for the grace/)).toBeInTheDocument();
  await user.click(screen.getByLabelText("Remove its data for good now"));
  expect(confirm).toHaveAccessibleName("Type acme to remove its data for good");
  expect(submit).toBeDisabled();
  await user.type(confirm, "acme");
  await user.click(screen.getByRole("button", { name: "Remove acme for good" }));
  await waitFor(() => expect(asked).toEqual(["?force=false&purge=true"]));
});

test("a deleted tenant says until when it can be taken back, and is", async () => {
  current = tenant({ status: "deleting", purge_at: "2099-01-02T03:04:05Z" });
  server.use(
    http.post("*/api/gateway/tenants/acme/undelete", () => {
      current = tenant({ status: "pending" });
      return HttpResponse.json(current, { status: 202 });
    }),
  );
  renderConsole("/tenants/acme");
  expect(await screen.findByText(/Its data is kept until .*2099-01-02T03:04:05Z/)).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Remove for good…" })).toBeInTheDocument();
  await userEvent.setup().click(screen.getByRole("button", { name: "Undelete" }));
  expect(await screen.findByText("Pending")).toBeInTheDocument();
});

test("open work can be cancelled", async () => {
  const work = operation({ state: "running", ended_at: null });
  const cancelled: string[] = [];
  current = tenant({ status: "provisioning", operation: work });
  server.use(
    http.get("*/api/gateway/operations/:id", () => HttpResponse.json(work)),
    http.post("*/api/gateway/operations/:id/cancel", ({ params: { id } }) => {
      cancelled.push(String(id));
      return HttpResponse.json({ ...work, state: "cancelled" }, { status: 202 });
    }),
  );
  renderConsole("/tenants/acme");
  await userEvent.setup().click(await screen.findByRole("button", { name: "Cancel" }));
  await waitFor(() => expect(cancelled).toEqual([work.id]));
});
