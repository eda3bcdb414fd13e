import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, test } from "vitest";
import { operationsText } from "../src/operations/text";
import { fleet, plan, pool } from "./fleet";
import { renderConsole } from "./render";
import { operation, tenant } from "./samples";
import { problem, server } from "./server";

interface Sent {
  body: Record<string, unknown>;
  key: string | null;
}
let sent: Sent[];
let taken: string[];
let refuse: (() => Response) | undefined;

beforeEach(() => {
  sent = [];
  taken = [];
  refuse = undefined;
  server.use(
    ...fleet(
      [
        pool({ name: "default", tenants: 9 }),
        pool({ id: "0190a0b0-0000-7000-8000-000000000202", name: "eu", tenants: 2 }),
        pool({ id: "0190a0b0-0000-7000-8000-000000000203", name: "old", state: "draining" }),
      ],
      [
        plan(),
        plan({ name: "pro", title: "Pro", connection_limit: 40 }),
        plan({ name: "big", title: "Big", tier: "dedicated", memory_mib: 2048 }),
      ],
    ),
    http.get("*/api/gateway/tenants", ({ request }) => {
      const q = new URL(request.url).searchParams.get("q") ?? "";
      const items = taken
        .filter((key) => key.includes(q))
        .map((key) => tenant({ key, company_name: "Other Ltd" }));
      return HttpResponse.json({ items, next_cursor: null });
    }),
    http.post("*/api/gateway/tenants", async ({ request }) => {
      const body = (await request.json()) as Record<string, unknown>;
      const made = tenant({
        key: String(body.key),
        status: "pending",
        pool_id: "0190a0b0-0000-7000-8000-000000000202",
      });
      if (new URL(request.url).searchParams.get("dry_run") === "true") return HttpResponse.json(made);
      sent.push({ body, key: request.headers.get("idempotency-key") });
      return refuse?.() ?? HttpResponse.json(made, { status: 202 });
    }),
    http.get("*/api/gateway/tenants/:key", ({ params: { key } }) =>
      HttpResponse.json(
        tenant({
          key: String(key),
          status: "pending",
          operation: { id: operation().id, kind: "provision", state: "pending" },
        }),
      ),
    ),
    http.get("*/api/gateway/operations/:id", () =>
      HttpResponse.json(operation({ state: "pending", ended_at: null })),
    ),
  );
});

async function fill(company: string, key?: string) {
  const user = userEvent.setup();
  await user.type(await screen.findByLabelText(/^Company name/), company);
  if (key !== undefined) {
    await user.clear(screen.getByLabelText(/^Key/));
    await user.type(screen.getByLabelText(/^Key/), key);
  }
  return user;
}

test("the key follows the company until somebody writes one, and reasons against it are shown at once", async () => {
  renderConsole("/tenants/new");
  const user = await fill("Müller GmbH");
  const field = screen.getByLabelText(/^Key/);
  expect(field).toHaveValue("muller");
  expect(await screen.findByText("muller is free.")).toBeInTheDocument();
  await user.clear(field);
  await user.type(field, "Acme-");
  expect(field).toBeInvalid();
  expect(field).toHaveAccessibleDescription(expect.stringContaining("“A”"));
  await user.type(screen.getByLabelText(/^Company name/), "!");
  expect(field).toHaveValue("Acme-");
  await user.clear(field);
  await user.type(field, "admin");
  expect(field).toHaveAccessibleDescription(expect.stringContaining("Kept for the operator"));
});

test("a key that is taken says by whom, and a free one is offered", async () => {
  taken = ["acme", "acme-2"];
  renderConsole("/tenants/new");
  const user = await fill("Acme");
  const field = screen.getByLabelText(/^Key/);
  await waitFor(() =>
    expect(field).toHaveAccessibleDescription(expect.stringContaining("Already used by Other Ltd.")),
  );
  await user.click(await screen.findByRole("button", { name: "Use acme-3" }));
  expect(field).toHaveValue("acme-3");
});

test("what will be made is shown before anything is, and where it will go and why", async () => {
  renderConsole("/tenants/new");
  await fill("New Co", "newco");
  expect(await screen.findByText("the pool eu")).toBeInTheDocument();
  expect(screen.getByLabelText(/^Shared pool/)).toHaveAccessibleDescription(
    "goes to eu now: the fewest tenants for its weight (2 at weight 1)",
  );
  expect(screen.getByRole("option", { name: /old.*draining/ })).toBeDisabled();
  expect(sent).toEqual([]);
});

test("plans show what they allow, and only those of the tier can be chosen", async () => {
  renderConsole("/tenants/new");
  const user = await fill("New Co", "newco");
  expect(await screen.findByRole("radio", { name: "Pro" })).toBeInTheDocument();
  expect(screen.getByText("40 at most")).toBeInTheDocument();
  expect(screen.queryByRole("radio", { name: "Big" })).not.toBeInTheDocument();
  await user.click(screen.getByRole("radio", { name: "Dedicated" }));
  await user.click(await screen.findByRole("radio", { name: "Big" }));
  expect(screen.queryByLabelText(/^Shared pool/)).not.toBeInTheDocument();
  await user.click(await screen.findByRole("button", { name: "Create newco" }));
  await waitFor(() => expect(sent).toHaveLength(1));
  expect(sent[0]?.body).toEqual({ key: "newco", company_name: "New Co", tier: "dedicated", plan: "big" });
});

test("the server's errors are placed on their fields, and nothing typed is lost", async () => {
  refuse = () =>
    problem(422, {
      title: "Invalid tenant",
      errors: [
        { pointer: "/key", code: "reserved", message: "This word is reserved." },
        { pointer: "/elsewhere", code: "taken", message: "That is taken." },
      ],
    });
  renderConsole("/tenants/new");
  const user = await fill("New Co", "newco");
  await user.click(await screen.findByRole("button", { name: "Create newco" }));
  const field = screen.getByLabelText(/^Key/);
  await waitFor(() =>
    expect(field).toHaveAccessibleDescription(expect.stringContaining("This word is reserved.")),
  );
  expect(field).toHaveFocus();
  expect(screen.getByLabelText(/^Company name/)).toHaveValue("New Co");
  // What belongs to no field on the page is still told.
  expect(screen.getByRole("alert")).toHaveTextContent("That is taken.");
  await user.type(field, "s");
  expect(field).not.toHaveAccessibleDescription(expect.stringContaining("This word is reserved."));
});

test("a call whose answer was lost is sent again under the same key, and success leads to the live steps", async () => {
  refuse = () => HttpResponse.error();
  const router = renderConsole("/tenants/new");
  const user = await fill("New Co", "newco");
  await user.click(await screen.findByRole("button", { name: "Create newco" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("The tenant was not created");
  refuse = undefined;
  await user.click(screen.getByRole("button", { name: "Create newco" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/tenants/newco/provisioning"));
  expect(sent.map(({ key }) => key)).toEqual([sent[0]?.key, sent[0]?.key]);
  expect(sent[1]?.body).toEqual({ key: "newco", company_name: "New Co", tier: "shared" });
  expect(await screen.findByText(operationsText.waiting)).toBeInTheDocument();
});
