import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, test } from "vitest";
import type { Tenant } from "../src/api/types";
import { fleet, pool } from "./fleet";
import { renderConsole } from "./render";
import { tenant } from "./samples";
import { me, server } from "./server";

/** A page of this server: pages of fifty rows take long to draw in jsdom. */
const PAGE = 4;
let asked: URLSearchParams[];
let all: Tenant[];

const made = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    tenant({ id: `id-${n}`, key: `t${n}`, company_name: `Company ${n}` }),
  );

/** Lists as the server does: some rows from the place a cursor names. */
beforeEach(() => {
  localStorage.clear();
  asked = [];
  all = made(9);
  server.use(
    ...fleet(),
    http.get("*/api/gateway/tenants", ({ request }) => {
      const query = new URL(request.url).searchParams;
      asked.push(query);
      const from = Number(query.get("cursor") ?? 0);
      const next = from + PAGE < all.length ? String(from + PAGE) : null;
      return HttpResponse.json({ items: all.slice(from, from + PAGE), next_cursor: next });
    }),
    http.get("*/api/gateway/tenants/:key", ({ params: { key } }) =>
      HttpResponse.json(all.find((one) => one.key === key)),
    ),
  );
});

test("few enough rows are asked for at a time, and pages have addresses", async () => {
  const router = renderConsole("/tenants");
  await screen.findByRole("link", { name: "t0" });
  expect(Number(asked.at(-1)?.get("limit"))).toBeLessThanOrEqual(60);
  expect(screen.queryByRole("link", { name: "t4" })).not.toBeInTheDocument();
  fireEvent.click(screen.getByRole("button", { name: "Next" }));
  await screen.findByRole("link", { name: "t4" });
  expect(router.state.location.search).toEqual({ cursor: "4" });
  expect(screen.queryByRole("link", { name: "t0" })).not.toBeInTheDocument();
  fireEvent.click(screen.getByRole("button", { name: "Next" }));
  await screen.findByRole("link", { name: "t8" });
  fireEvent.click(screen.getByRole("button", { name: "Previous" }));
  await screen.findByRole("link", { name: "t4" });
  fireEvent.click(screen.getByRole("button", { name: "Previous" }));
  await screen.findByRole("link", { name: "t0" });
});

test("typed filters become chips, an address and the API's words", async () => {
  const router = renderConsole("/tenants");
  const user = userEvent.setup();
  await screen.findByRole("link", { name: "t0" });
  await user.type(screen.getByRole("searchbox"), "status:error pool:eu label:team=a gmbh{Enter}");
  await waitFor(() =>
    expect(router.state.location.search).toEqual({
      status: "error",
      pool: "eu",
      label: ["team=a"],
      q: "gmbh",
    }),
  );
  await waitFor(() => expect(asked.at(-1)?.get("q")).toBe("gmbh"));
  const query = asked.at(-1);
  expect(query?.get("status")).toBe("error");
  expect(query?.get("pool_id")).toBe(pool().id);
  expect(query?.get("label.team")).toBe("a");
  await user.click(screen.getByRole("button", { name: "Remove the filter Status: Error" }));
  await waitFor(() => expect(asked.at(-1)?.get("status")).toBeNull());
});

test("a filter that means nothing is told and changes nothing", async () => {
  const router = renderConsole("/tenants");
  const user = userEvent.setup();
  await screen.findByRole("link", { name: "t0" });
  await user.type(screen.getByRole("searchbox"), "status:happy{Enter}");
  expect(await screen.findByRole("alert")).toHaveTextContent("status:happy is not known");
  expect(router.state.location.search).toEqual({});
});

test("sorting is the server's and stands in the address", async () => {
  const router = renderConsole("/tenants");
  const user = userEvent.setup();
  await screen.findByRole("link", { name: "t0" });
  await user.click(screen.getByRole("button", { name: "Company" }));
  await waitFor(() => expect(router.state.location.search).toEqual({ sort: "company_name" }));
  expect(await screen.findByRole("columnheader", { name: "Company" })).toHaveAttribute(
    "aria-sort",
    "ascending",
  );
  await waitFor(() => expect(asked.at(-1)?.get("sort")).toBe("company_name"));
});

test("columns and density are chosen and kept", async () => {
  renderConsole("/tenants");
  const user = userEvent.setup();
  await screen.findByRole("link", { name: "t0" });
  expect(screen.getByRole("columnheader", { name: "Plan" })).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Table: columns and density" }));
  await user.click(await screen.findByRole("menuitemcheckbox", { name: "Plan" }));
  expect(screen.queryByRole("columnheader", { name: "Plan" })).not.toBeInTheDocument();
  expect(JSON.parse(localStorage.getItem("gateway-tenant-table") ?? "{}").hidden).toContain("plan");
});

test("the keyboard moves, selects a range, peeks and opens", async () => {
  const router = renderConsole("/tenants");
  const user = userEvent.setup();
  await screen.findByRole("link", { name: "t0" });
  await user.keyboard("jx");
  await user.keyboard("jj{Shift>}x{/Shift}");
  expect(screen.getByRole("region", { name: "Selected tenants" })).toHaveTextContent("3 tenants selected");
  await user.keyboard("k ");
  expect(await screen.findByRole("dialog", { name: "t1" })).toHaveTextContent("Company 1");
  expect(router.state.location.search).toEqual({ peek: "t1" });
  await user.keyboard("{Escape}");
  await waitFor(() => expect(router.state.location.search).toEqual({}));
});

test("who may only look is offered nothing to change", async () => {
  server.use(
    http.get("*/api/gateway/me", () =>
      HttpResponse.json({ ...me, scopes: ["tenants:read"], role: "viewer" }),
    ),
  );
  renderConsole("/tenants");
  await screen.findByRole("link", { name: "t0" });
  expect(screen.queryByRole("link", { name: "New tenant" })).not.toBeInTheDocument();
  expect(screen.queryByRole("checkbox")).not.toBeInTheDocument();
});
