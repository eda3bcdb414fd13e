import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, test } from "vitest";
import type { Batch, BatchTenant, CreateBatch } from "../src/api/batches";
import { fleet } from "./fleet";
import { renderConsole } from "./render";
import { tenant } from "./samples";
import { server } from "./server";

const AT = "2026-01-02T03:04:05Z";
let sent: { body: CreateBatch; dry: boolean; key: string | null }[];

const member = (fields: Partial<BatchTenant>): BatchTenant => ({
  tenant_id: "id-one",
  tenant_key: "one",
  state: "waiting",
  operation_id: null,
  error: null,
  ...fields,
});

const batch = (fields: Partial<Batch> = {}): Batch => ({
  id: "0190a0b0-0000-7000-8000-000000000301",
  verb: "suspend",
  state: "running",
  force: false,
  pool_id: null,
  parallelism: 5,
  max_failures: null,
  requested_by: "user:olga@example.com",
  created_at: AT,
  ended_at: null,
  counts: { waiting: 1, running: 0, succeeded: 0, failed: 0, refused: 1, left: 0 },
  tenants: [
    member({}),
    member({
      tenant_id: "id-two",
      tenant_key: "two",
      state: "refused",
      error: { code: "wrong_state", message: "It is suspended already." },
    }),
  ],
  ...fields,
});

beforeEach(() => {
  localStorage.clear();
  sent = [];
  server.use(
    ...fleet(),
    http.get("*/api/gateway/tenants", () =>
      HttpResponse.json({
        items: [tenant({ id: "id-one", key: "one" }), tenant({ id: "id-two", key: "two" })],
        next_cursor: null,
      }),
    ),
    http.post("*/api/gateway/tenants:batch", async ({ request }) => {
      const dry = new URL(request.url).searchParams.get("dry_run") === "true";
      sent.push({
        dry,
        body: (await request.json()) as CreateBatch,
        key: request.headers.get("idempotency-key"),
      });
      return HttpResponse.json(batch(), { status: dry ? 200 : 202 });
    }),
    http.get("*/api/gateway/batches/:id", () => HttpResponse.json(batch())),
  );
});

test("many are asked after a look at who is touched and who is not, and the number is typed", async () => {
  const router = renderConsole("/tenants");
  const user = userEvent.setup();
  await user.click(await screen.findByRole("checkbox", { name: "Select one" }));
  await user.click(screen.getByRole("checkbox", { name: "Select two" }));
  await user.click(screen.getByRole("button", { name: "Suspend…" }));

  const dialog = await screen.findByRole("dialog");
  expect(await within(dialog).findByText("1 tenant will be touched")).toBeInTheDocument();
  expect(within(dialog).getByText("1 tenant will be left out")).toBeInTheDocument();
  expect(within(dialog).getByText(/It is suspended already/)).toBeInTheDocument();
  expect(sent.every(({ dry }) => dry)).toBe(true);

  const submit = within(dialog).getByRole("button", { name: "Suspend: 1 tenant" });
  expect(submit).toBeDisabled();
  await user.type(within(dialog).getByLabelText("Type 1 to confirm"), "1");
  await user.click(submit);
  await waitFor(() => expect(router.state.location.pathname).toBe(`/batches/${batch().id}`));
  const real = sent.find(({ dry }) => !dry);
  expect(real?.body).toEqual({ verb: "suspend", tenants: ["id-one", "id-two"], parallelism: 5 });
  expect(real?.key).toMatch(/^[0-9a-f]{32}$/);
});

test("all that match are asked by the filter and the number the look found", async () => {
  renderConsole("/tenants?status=active&q=o");
  const user = userEvent.setup();
  await user.click(await screen.findByRole("checkbox", { name: "Select one" }));
  await user.click(screen.getByRole("button", { name: "Select all that match" }));
  await user.click(screen.getByRole("button", { name: "Suspend…" }));
  await user.type(await screen.findByLabelText("Type 1 to confirm"), "1");
  await user.click(screen.getByRole("button", { name: "Suspend: 1 tenant" }));
  await waitFor(() => expect(sent.some(({ dry }) => !dry)).toBe(true));
  expect(sent.find(({ dry }) => !dry)?.body).toEqual({
    verb: "suspend",
    filter: { status: ["active"], q: "o" },
    expect_count: 2,
    parallelism: 5,
  });
});

test("a batch shows how far it is with each tenant, and the rest is left alone when it is cancelled", async () => {
  let cancelled = false;
  const now = () => batch(cancelled ? { state: "cancelled", ended_at: AT } : {});
  server.use(
    http.get("*/api/gateway/batches/:id", () => HttpResponse.json(now())),
    http.post("*/api/gateway/batches/:id/cancel", () => {
      cancelled = true;
      return HttpResponse.json(now());
    }),
  );
  renderConsole(`/batches/${batch().id}`);
  const user = userEvent.setup();
  expect(await screen.findByRole("heading", { level: 1, name: "Suspend: 2 tenants" })).toBeInTheDocument();
  expect(
    screen.getByRole("img", { name: /1 of 2 tenants done, Refused: 1, Waiting: 1/ }),
  ).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Refused: 1" }));
  expect(await screen.findByRole("link", { name: "two" })).toBeInTheDocument();
  expect(screen.queryByRole("link", { name: "one" })).not.toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Cancel batch…" }));
  await user.click(await screen.findByRole("button", { name: "Cancel the batch" }));
  await waitFor(() => expect(cancelled).toBe(true));
  expect(await screen.findByText("Cancelled")).toBeInTheDocument();
});
