import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, test } from "vitest";
import type { Tenant } from "../src/api/types";
import { fleet, pool } from "./fleet";
import { renderConsole } from "./render";
import { operation, tenant } from "./samples";
import { me, problem, server } from "./server";

let current: Tenant;
let asked: string[];

beforeEach(() => {
  current = tenant();
  asked = [];
  server.use(
    ...fleet(),
    http.get("*/api/gateway/tenants/:key", () =>
      HttpResponse.json(current, { headers: { etag: `"${current.updated_at}"` } }),
    ),
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
  renderConsole("/tenants/acme/settings");
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
  renderConsole("/tenants/acme/settings");
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
  renderConsole("/tenants/acme/settings");
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
  renderConsole("/tenants/acme/settings");
  const { user, confirm, submit } = await openDialog();
  expect(screen.getByRole("dialog")).toHaveTextContent(/data is kept for the grace/);
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
  renderConsole("/tenants/acme/settings");
  expect(await screen.findByText(/Its data is kept until .*2099-01-02T03:04:05Z/)).toBeInTheDocument();
  expect(await screen.findByRole("button", { name: "Remove for good…" })).toBeInTheDocument();
  const [undelete] = screen.getAllByRole("button", { name: "Undelete" });
  if (!undelete) throw new Error("no button");
  await userEvent.setup().click(undelete);
  expect(await screen.findByText("Pending")).toBeInTheDocument();
});

test("what open work waits for is told, and it is cancelled after a question", async () => {
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
  renderConsole("/tenants/acme/provisioning");
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Cancel…" }));
  expect(await screen.findByRole("dialog")).toHaveTextContent(/stops before its next step/);
  expect(cancelled).toEqual([]);
  await user.click(screen.getByRole("button", { name: "Cancel the operation" }));
  await waitFor(() => expect(cancelled).toEqual([work.id]));
});

test("each tab is an address, and an open dialog too", async () => {
  const router = renderConsole("/tenants/acme");
  const user = userEvent.setup();
  const tabs = within(await screen.findByRole("navigation", { name: "Parts of this tenant" }));
  await user.click(tabs.getByRole("link", { name: "Settings" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/tenants/acme/settings"));
  await user.click(await screen.findByRole("button", { name: "Suspend…" }));
  expect(await screen.findByRole("dialog", { name: "Suspend acme?" })).toBeInTheDocument();
  expect(router.state.location.search).toEqual({ dialog: "suspend" });
  router.history.back();
  await waitFor(() => expect(screen.queryByRole("dialog")).not.toBeInTheDocument());
  expect(router.state.location.pathname).toBe("/tenants/acme/settings");
});

test("credentials are shown only when asked for, and forgotten with the dialog", async () => {
  let revealed = 0;
  server.use(
    http.post("*/api/gateway/tenants/acme/reveal-credentials", () => {
      revealed += 1;
      return HttpResponse.json({
        database_url: "postgres://t_1:secret@db:5432/t_1",
        host: "db",
        port: 5432,
        database: "t_1",
        username: "t_1",
        password: "secret",
        company_name: "Acme Ltd",
      });
    }),
  );
  renderConsole("/tenants/acme");
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Connection…" }));
  expect(await screen.findByRole("dialog")).toHaveTextContent(/recorded in the audit log/);
  expect(revealed).toBe(0);
  await user.click(screen.getByRole("button", { name: "Show the credentials" }));
  expect(await screen.findByText("postgres://t_1:secret@db:5432/t_1")).toBeInTheDocument();
  expect(screen.getByText(/PGPASSWORD=secret psql -h db/)).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Hide them" }));
  await waitFor(() => expect(screen.queryByText(/secret/)).not.toBeInTheDocument());
});

test("a form saves what was changed, and is told when somebody was faster", async () => {
  const edits: { body: unknown; tag: string | null }[] = [];
  let outdated = true;
  server.use(
    http.patch("*/api/gateway/tenants/acme", async ({ request }) => {
      edits.push({ body: await request.json(), tag: request.headers.get("if-match") });
      if (outdated) return problem(412, { title: "It was changed", code: "outdated" });
      current = { ...current, company_name: "Acme AG" };
      return HttpResponse.json(current);
    }),
  );
  renderConsole("/tenants/acme/settings");
  const user = userEvent.setup();
  const name = await screen.findByLabelText(/^Company name/);
  await user.clear(name);
  await user.type(name, "Acme AG");
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("Somebody changed it meanwhile");
  expect(edits).toEqual([{ body: { company_name: "Acme AG" }, tag: `"${current.updated_at}"` }]);

  outdated = false;
  await user.click(screen.getByRole("button", { name: "Read it anew" }));
  await waitFor(() => expect(screen.getByLabelText(/^Company name/)).toHaveValue("Acme Ltd"));
  await user.clear(screen.getByLabelText(/^Company name/));
  await user.type(screen.getByLabelText(/^Company name/), "Acme AG");
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("Saved.")).toBeInTheDocument();
});

test("a tenant is moved to a pool that has room", async () => {
  const moved: unknown[] = [];
  const [eu, us] = [pool(), pool({ id: "0190a0b0-0000-7000-8000-000000000209", name: "us" })];
  current = tenant({ pool_id: eu.id });
  server.use(
    ...fleet([eu, us, pool({ id: "3", name: "full", capacity: 1, tenants: 1 })]),
    http.get("*/api/gateway/tenants/:key", () => HttpResponse.json(current)),
    http.post("*/api/gateway/tenants/acme/move", async ({ request }) => {
      moved.push(await request.json());
      return HttpResponse.json(current, { status: 202 });
    }),
  );
  renderConsole("/tenants/acme/settings");
  const user = userEvent.setup();
  const choice = await screen.findByLabelText("Move to");
  expect([...choice.querySelectorAll("option")].map((option) => option.value)).toEqual([us.id]);
  await user.click(screen.getByRole("button", { name: "Move…" }));
  await user.click(await screen.findByRole("button", { name: "Move acme" }));
  await waitFor(() => expect(moved).toEqual([{ pool_id: us.id }]));
});

test("what drifted stands beside what is wanted, and is repaired after a question", async () => {
  const at = "2026-01-02T03:04:05Z";
  const repairs: unknown[] = [];
  const job = {
    id: "0190a0b0-0000-7000-8000-000000000401",
    kind: "reconcile",
    state: "running",
    parameters: {},
    requested_by: "user:olga@example.com",
    worker: null,
    created_at: at,
    started_at: null,
    ended_at: null,
    error_message: null,
  };
  server.use(
    http.get("*/api/gateway/drift", () =>
      HttpResponse.json({
        items: [
          {
            tenant_id: current.id,
            tenant_key: "acme",
            tenant_status: "active",
            kind: "route_missing",
            what: "The router tenant-acme is not there.",
            wanted: null,
            observed: null,
            repair: "impossible",
            first_seen_at: at,
          },
        ],
        next_cursor: null,
        look: { looked_at: at, since: at, tenants: 1, orphans: 0, refused: null, unknown: [] },
      }),
    ),
    http.post("*/api/gateway/drift/repair", async ({ request }) => {
      repairs.push(await request.json());
      return HttpResponse.json(job, { status: 202 });
    }),
    http.get("*/api/gateway/jobs/:id", () => HttpResponse.json(job)),
  );
  renderConsole("/tenants/acme/resources");
  const user = userEvent.setup();
  const row = (await screen.findByText(/The router tenant-acme is not there/)).closest("tr");
  expect(row).toHaveTextContent("Route");
  expect(row).toHaveTextContent("acme.localhost");
  expect(row).toHaveTextContent("Differs");
  expect(row).toHaveTextContent("somebody has to");
  await user.click(screen.getByRole("button", { name: "Look and repair now" }));
  await user.click(await screen.findByRole("button", { name: "Repair acme" }));
  await waitFor(() => expect(repairs).toEqual([{ tenants: [current.id] }]));
});

test("hostile texts are shown as texts", async () => {
  const hostile = '<img src=x onerror="window.hacked=1">';
  current = tenant({ company_name: hostile, notes: hostile, labels: { team: hostile } });
  renderConsole("/tenants/acme");
  expect((await screen.findAllByText(hostile)).length).toBeGreaterThan(1);
  expect(document.querySelector("img[src=x]")).toBeNull();
});

test("who may only look is offered nothing to change", async () => {
  server.use(
    http.get("*/api/gateway/me", () =>
      HttpResponse.json({ ...me, role: "viewer", scopes: ["tenants:read", "operations:read", "fleet:read"] }),
    ),
  );
  renderConsole("/tenants/acme/settings");
  expect(await screen.findByText(/permission tenants:write is needed/)).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Delete…" })).not.toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Connection…" })).not.toBeInTheDocument();
  expect(screen.getByLabelText(/^Company name/)).toBeDisabled();
});
