import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Operation } from "../src/api/types";
import { fleet } from "./fleet";
import { renderConsole } from "./render";
import { operation, step, tenant } from "./samples";
import { server } from "./server";

/** jsdom has no EventSource; this one lets a test say what the server sends. */
class Source extends EventTarget {
  static opened: Source[] = [];
  closed = false;
  constructor(readonly url: string) {
    super();
    Source.opened.push(this);
  }
  close() {
    this.closed = true;
  }
  tell(kind: string, data: unknown) {
    act(() => void this.dispatchEvent(new MessageEvent(kind, { data: JSON.stringify(data) })));
  }
}

let current: Operation;
let asked: URLSearchParams[];
const path = () => `/operations/${current.id}`;

beforeEach(() => {
  Source.opened = [];
  vi.stubGlobal("EventSource", Source);
  asked = [];
  current = operation({ state: "running", ended_at: null, steps: [step({ id: 1, step: "allocate" })] });
  server.use(
    http.get("*/api/gateway/operations", ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json({ items: [current], next_cursor: null });
    }),
    http.get("*/api/gateway/operations/:id", () => HttpResponse.json(current)),
    http.get("*/api/gateway/tenants/:key", () =>
      HttpResponse.json(tenant({ operation: { id: current.id, kind: current.kind, state: current.state } })),
    ),
    ...fleet(),
  );
});
afterEach(() => vi.unstubAllGlobals());

const steps = () => within(screen.getByRole("list", { name: "Steps" }));

test("steps appear as the stream tells them, to the end", async () => {
  renderConsole(path());
  expect(await screen.findByText("1 of 8 steps done")).toBeInTheDocument();
  await waitFor(() => expect(Source.opened).toHaveLength(1));
  const [source] = Source.opened;
  expect(source?.url).toBe(`/api/gateway/operations/${current.id}/events`);

  const role = step({ id: 2, step: "role", state: "started", ended_at: null, duration_ms: null });
  source?.tell("step", role);
  expect(await steps().findByText("Running")).toBeInTheDocument();
  expect(screen.getByText(/^Live:/)).toBeInTheDocument();
  const failed = {
    ...role,
    state: "failed" as const,
    ended_at: role.started_at,
    duration_ms: 12,
    error: { code: "database_server_refuses", message: "login refused", retryable: false },
  };
  source?.tell("step", failed);
  expect(await steps().findByText(/login refused/)).toBeInTheDocument();
  // What the documentation says about the code, with the way to all of it.
  expect(await steps().findByText(/The administrator's login is refused/)).toBeInTheDocument();
  expect(steps().getByRole("link", { name: "All about database_server_refuses" })).toHaveAttribute(
    "href",
    "/failure-codes#database_server_refuses",
  );

  current = {
    ...current,
    state: "failed",
    ended_at: role.started_at,
    steps: [step({ id: 1, step: "allocate" }), failed],
  };
  source?.tell("ended", { ...current, steps: undefined });
  expect(await screen.findByRole("button", { name: "Retry now" })).toBeInTheDocument();
  expect(source?.closed).toBe(true);
});

test("an operation that has ended opens no stream", async () => {
  current = operation({ steps: [step()] });
  renderConsole(path());
  expect(await screen.findByRole("heading", { level: 1, name: "Provision of acme" })).toBeInTheDocument();
  expect(Source.opened).toEqual([]);
});

test("the list is filtered by the server, and its filters are its address", async () => {
  const router = renderConsole("/operations?state=failed,running&kind=provision&tenant=acme");
  await screen.findByRole("link", { name: "Provision" });
  const query = asked.at(-1);
  expect([query?.get("state"), query?.get("kind"), query?.get("tenant")]).toEqual([
    "failed,running",
    "provision",
    "acme",
  ]);
  await userEvent.setup().click(screen.getByRole("button", { name: "Remove the filter State: Failed" }));
  await waitFor(() =>
    expect(router.state.location.search).toEqual({ state: "running", kind: "provision", tenant: "acme" }),
  );
});

test("every failure code is explained on one page", async () => {
  renderConsole("/failure-codes");
  const user = userEvent.setup();
  await user.type(await screen.findByLabelText("Find a code"), "migration_dirty");
  await waitFor(() => expect(screen.getAllByRole("row")).toHaveLength(2));
  expect(screen.getByRole("row", { name: /migration_dirty/ })).toHaveTextContent(/stopped half-way/);
});
