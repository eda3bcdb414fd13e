import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, test } from "vitest";
import type { CreateView, EditView, SavedView } from "../src/tenants/list/viewCalls";
import { fleet } from "./fleet";
import { renderConsole } from "./render";
import { tenant } from "./samples";
import { problem, server } from "./server";

const AT = "2026-01-02T03:04:05Z";
const BROWSER = "gateway-tenant-views";
let kept: SavedView[];

const saved = (fields: Partial<SavedView> = {}): SavedView => ({
  id: "0190a0b0-0000-7000-8000-000000000501",
  name: "Broken",
  shared: false,
  query: "status=error",
  columns: [],
  owner: "olga@example.com",
  own: true,
  created_at: AT,
  updated_at: AT,
  ...fields,
});

/** Keeps views as the server does: names of one's own are told apart. */
beforeEach(() => {
  localStorage.clear();
  kept = [];
  server.use(
    ...fleet(),
    http.get("*/api/gateway/tenants", () => HttpResponse.json({ items: [tenant()], next_cursor: null })),
    http.get("*/api/gateway/me/views", () => HttpResponse.json({ items: kept, next_cursor: null })),
    http.post("*/api/gateway/me/views", async ({ request }) => {
      const { name, query, shared, columns } = (await request.json()) as CreateView;
      if (kept.some((view) => view.name === name)) {
        return problem(409, { title: "Name taken", code: "name_taken", detail: `${name} is there already.` });
      }
      const view = saved({
        id: `id-${kept.length}`,
        name,
        query,
        shared: shared ?? false,
        columns: columns ?? [],
      });
      kept = [view, ...kept];
      return HttpResponse.json(view, { status: 201 });
    }),
    http.patch("*/api/gateway/me/views/:id", async ({ request, params: { id } }) => {
      const edit = (await request.json()) as EditView;
      kept = kept.map((view) => (view.id === id ? ({ ...view, ...edit } as SavedView) : view));
      return HttpResponse.json(kept.find((view) => view.id === id));
    }),
    http.delete("*/api/gateway/me/views/:id", ({ params: { id } }) => {
      const gone = kept.find((view) => view.id === id);
      kept = kept.filter((view) => view !== gone);
      return HttpResponse.json(gone);
    }),
  );
});

const tabs = async () => within(await screen.findByRole("navigation", { name: "Views" }));

test("filters are kept as a view of one's own, on the gateway", async () => {
  const router = renderConsole("/tenants?status=error&q=x");
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Save view…" }));
  await user.type(await screen.findByLabelText("Name"), "Broken x");
  await user.click(screen.getByLabelText("Everybody who signs in sees it"));
  await user.click(screen.getByRole("button", { name: "Save the view" }));
  const shown = await tabs();
  await waitFor(() => expect(shown.getByRole("link", { name: /^Broken x/ })).toBeInTheDocument());
  expect(kept).toMatchObject([{ name: "Broken x", query: "q=x&status=error", shared: true }]);
  await user.click(shown.getByRole("link", { name: "All" }));
  await waitFor(() => expect(router.state.location.search).toEqual({}));
  await user.click(shown.getByRole("link", { name: /^Broken x/ }));
  await waitFor(() => expect(router.state.location.search).toEqual({ status: "error", q: "x" }));
  expect(localStorage.getItem(BROWSER)).toBeNull();
});

test("a view keeps the columns that are shown where that is asked for, and opens with them", async () => {
  kept = [saved({ name: "Slim", query: "q=slim", columns: ["status", "tier", "of another release"] })];
  const router = renderConsole("/tenants?q=x");
  const user = userEvent.setup();
  const shown = await tabs();
  await user.click(await shown.findByRole("link", { name: "Slim" }));
  await waitFor(() => expect(router.state.location.search).toEqual({ q: "slim" }));
  const headings = () => screen.getAllByRole("columnheader").map(({ textContent }) => textContent);
  await waitFor(() => expect(headings()).toContain("Tier"));
  expect(headings()).toContain("Tenant");
  expect(headings()).not.toContain("Plan");

  await user.click(shown.getByRole("link", { name: "Suspended" }));
  await user.type(screen.getByRole("searchbox"), "y{Enter}");
  await user.click(await screen.findByRole("button", { name: "Save view…" }));
  await user.type(await screen.findByLabelText("Name"), "Slim too");
  await user.click(screen.getByLabelText("Keep the columns that are shown"));
  await user.click(screen.getByRole("button", { name: "Save the view" }));
  await waitFor(() => expect(kept).toHaveLength(2));
  expect(kept[0]?.columns).toEqual(["tenant", "status", "tier"]);
});

test("a name that is taken is told in the dialog", async () => {
  kept = [saved()];
  renderConsole("/tenants?q=x");
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Save view…" }));
  await user.type(await screen.findByLabelText("Name"), "Broken");
  await user.click(screen.getByRole("button", { name: "Save the view" }));
  const dialog = within(screen.getByRole("dialog"));
  expect(await dialog.findByText("Broken is there already.")).toBeInTheDocument();
});

test("a view of one's own is changed and removed, one that others share is not", async () => {
  kept = [
    saved(),
    saved({ id: "theirs", name: "<b>Theirs</b>", own: false, shared: true, owner: "pia@example.com" }),
  ];
  renderConsole("/tenants?q=x");
  const user = userEvent.setup();
  const shown = await tabs();
  const theirs = await shown.findByRole("link", { name: /<b>Theirs<\/b>/ });
  expect(within(theirs).getByRole("img", { name: "Shared by pia@example.com" })).toBeInTheDocument();
  expect(shown.getAllByRole("button", { name: /^Change the view/ })).toHaveLength(1);

  const menu = shown.getByRole("button", { name: "Change the view Broken" });
  await user.click(menu);
  await user.click(await screen.findByRole("menuitem", { name: "Use the present filters" }));
  await waitFor(() => expect(kept[0]?.query).toBe("q=x"));
  await user.click(menu);
  await user.click(await screen.findByRole("menuitem", { name: "Show it to everybody" }));
  await waitFor(() => expect(kept[0]?.shared).toBe(true));
  expect(await shown.findByRole("img", { name: "Everybody sees it" })).toBeInTheDocument();

  await user.click(menu);
  await user.click(await screen.findByRole("menuitem", { name: "Remove…" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Remove the view Broken?" }));
  expect(dialog.getByText(/Everybody sees this view, and loses it/)).toBeInTheDocument();
  await user.click(dialog.getByRole("button", { name: "Remove the view" }));
  await waitFor(() => expect(shown.queryByRole("link", { name: /^Broken/ })).not.toBeInTheDocument());
  expect(kept.map(({ id }) => id)).toEqual(["theirs"]);
});

test("views that only this browser keeps are offered to be saved; what is not saved stays", async () => {
  kept = [saved({ name: "Taken" })];
  localStorage.setItem(
    BROWSER,
    JSON.stringify([
      { name: "Mine", search: { q: "mine" } },
      { name: "Taken", search: { q: "other" } },
    ]),
  );
  renderConsole("/tenants");
  const user = userEvent.setup();
  expect(await screen.findByText("2 views are kept in this browser alone.")).toBeInTheDocument();
  expect(screen.getByRole("link", { name: "Mine" })).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Save for me on the gateway" }));
  expect(await screen.findByText("A view is kept in this browser alone.")).toBeInTheDocument();
  expect(screen.getByText("Taken is there already.")).toBeInTheDocument();
  expect(kept.map(({ name }) => name)).toEqual(["Mine", "Taken"]);
  await user.click(screen.getByRole("button", { name: "Forget" }));
  expect(screen.queryByText(/in this browser alone/)).not.toBeInTheDocument();
  expect(JSON.parse(localStorage.getItem(BROWSER) ?? "null")).toEqual([]);
});
