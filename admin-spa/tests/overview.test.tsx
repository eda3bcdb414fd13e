import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { describe, expect, test } from "vitest";
import { findWhatNeedsAttention, type Known } from "../src/overview/findings";
import { renderConsole } from "./render";
import { capacity, drift, pool, tenant } from "./samples";
import { me, problem, server } from "./server";

const failed = tenant({
  key: "globex",
  status: "error",
  error: { step: "database", code: "timeout", message: "no answer" },
});

describe("what needs attention", () => {
  const titles = (known: Known) => findWhatNeedsAttention(known).map(({ title }) => title);

  test("is nothing where everything is well, or nothing is known", () => {
    expect(titles({})).toEqual([]);
    expect(
      titles({
        failed: { items: [], next_cursor: null },
        drift: { items: [], next_cursor: null, look: null },
        pools: { items: [pool()], next_cursor: null },
        ready: [{ name: "control_database", ok: true, message: null }],
        capacity: capacity(),
      }),
    ).toEqual([]);
  });

  test("stands with the worst first", () => {
    const found = titles({
      failed: { items: [failed], next_cursor: null },
      drift: { items: [drift(), drift({ what: "role" })], next_cursor: null, look: null },
      ready: [{ name: "control_database", ok: false, message: "gone" }],
    });
    expect(found).toEqual([
      "Not ready: Control database",
      "globex failed",
      "1 tenant differs from what is wanted",
    ]);
  });

  test("tells a full pool from having none left", () => {
    const full = pool({ capacity: 2, tenants: 2 });
    expect(
      titles({ pools: { items: [full, pool({ id: "p2", name: "other" })], next_cursor: null } }),
    ).toEqual(["Pool default is full"]);
    expect(titles({ pools: { items: [full], next_cursor: null } })).toEqual([
      "No shared pool takes tenants",
      "Pool default is full",
    ]);
  });

  test("says when work waits and no worker has any", () => {
    const waiting = capacity({ oldest_seconds: 600, due: 3 });
    expect(titles({ capacity: waiting })).toEqual(["No worker seems to run"]);
    expect(titles({ capacity: { ...waiting, workers: [{ name: "w", tenants: 1, jobs: 0 }] } })).toEqual([]);
  });
});

const empty = { items: [], next_cursor: null };

/** Answers everything the overview asks for with nothing to do. */
function answerOverview() {
  server.use(
    http.get("*/api/gateway/tenants", () => HttpResponse.json(empty)),
    http.get("*/api/gateway/operations", () => HttpResponse.json(empty)),
    http.get("*/api/gateway/drift", () => HttpResponse.json({ ...empty, look: null })),
    http.get("*/api/gateway/orphans", () => HttpResponse.json(empty)),
    http.get("*/api/gateway/pools", () => HttpResponse.json({ items: [pool()], next_cursor: null })),
    http.get("*/api/gateway/database-servers", () => HttpResponse.json(empty)),
    http.get("*/api/gateway/jobs", () => HttpResponse.json(empty)),
    http.get("*/api/gateway/signups", () => HttpResponse.json(empty)),
    http.get("*/api/gateway/capacity", () => HttpResponse.json(capacity())),
    http.get("*/api/gateway/traefik", () => problem(503, { title: "Not now" })),
    http.get("*/api/gateway/series", () => problem(404, { title: "Nothing here", code: "route_not_found" })),
    http.get("*/ready", () =>
      HttpResponse.json({ status: "ready", parts: [{ name: "control_database", ok: true }] }),
    ),
  );
}

test("a failed tenant is retried from the overview", async () => {
  answerOverview();
  const retried: string[] = [];
  server.use(
    http.get("*/api/gateway/tenants", ({ request }) => {
      const isFailed = new URL(request.url).searchParams.get("status") === "error";
      return HttpResponse.json({
        items: isFailed && retried.length === 0 ? [failed] : [],
        next_cursor: null,
      });
    }),
    http.post("*/api/gateway/tenants/:key/retry", ({ params: { key } }) => {
      retried.push(String(key));
      return HttpResponse.json(tenant({ key: "globex", status: "pending" }), { status: 202 });
    }),
  );
  renderConsole("/");
  const attention = await screen.findByRole("region", { name: "Needs attention" });
  expect(await within(attention).findByText("At “database”: no answer")).toBeInTheDocument();
  await userEvent.setup().click(within(attention).getByRole("button", { name: "Retry globex" }));
  await waitFor(() => expect(retried).toEqual(["globex"]));
  await waitFor(() => expect(within(attention).queryByText("globex failed")).not.toBeInTheDocument());
});

test("numbers lead to the list behind them, and a part that does not answer is said", async () => {
  answerOverview();
  renderConsole("/");
  const numbers = await screen.findByRole("list", { name: "Numbers" });
  const link = await within(numbers).findByRole("link", { name: /Failed/ });
  expect(link).toHaveAttribute("href", "/tenants?status=error");
  expect(
    await screen.findByText(/did not answer, so more may need you/, {}, { timeout: 20_000 }),
  ).toBeInTheDocument();
});

test("what somebody may not do is not offered", async () => {
  answerOverview();
  server.use(
    http.get("*/api/gateway/me", () =>
      HttpResponse.json({ ...me, role: "viewer", scopes: ["tenants:read", "operations:read"] }),
    ),
    http.get("*/api/gateway/tenants", () => HttpResponse.json({ items: [failed], next_cursor: null })),
  );
  renderConsole("/");
  expect(await screen.findByText("globex failed")).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Retry globex" })).not.toBeInTheDocument();
  const rail = screen.getByRole("navigation", { name: "Main" });
  expect(within(rail).getByRole("link", { name: "Tenants" })).toBeInTheDocument();
  expect(within(rail).queryByRole("link", { name: "API keys" })).not.toBeInTheDocument();
  expect(within(rail).queryByRole("link", { name: "Audit log" })).not.toBeInTheDocument();
});

test("the palette goes to a page by the keyboard alone", async () => {
  answerOverview();
  server.use(http.get("*/api/gateway/sessions", () => HttpResponse.json(empty)));
  const router = renderConsole("/");
  await screen.findByRole("list", { name: "Numbers" });
  const user = userEvent.setup();
  await user.keyboard("{Control>}k{/Control}");
  const line = await screen.findByRole("combobox", { name: "Page, tenant, id or action" });
  await waitFor(() => expect(line).toHaveFocus());
  await user.keyboard("your acc");
  expect(await screen.findByRole("option", { name: /Your account/ })).toHaveAttribute(
    "aria-selected",
    "true",
  );
  await user.keyboard("{Enter}");
  await waitFor(() => expect(router.state.location.pathname).toBe("/account"));
});
