import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, test } from "vitest";
import { server as databaseServer } from "./fleetSamples";
import { renderConsole } from "./render";
import { problem, server } from "./server";

const list = (...items: unknown[]) => HttpResponse.json({ items, next_cursor: null });
const eu = (fields: Parameters<typeof databaseServer>[0] = {}) =>
  databaseServer({ name: "eu-1", from_settings: false, ...fields });

const serveOne = (fields: Parameters<typeof databaseServer>[0] = {}) =>
  server.use(
    http.get("*/api/gateway/database-servers/eu-1", () =>
      HttpResponse.json(eu(fields), { headers: { etag: '"1"' } }),
    ),
    http.get("*/api/gateway/database-servers", () => list(eu(fields))),
    http.get("*/api/gateway/tenants", () => list()),
    http.get("*/api/gateway/capacity", () => HttpResponse.json({ servers: [] })),
  );

test("a server is made known, and its page says that no worker holds its credential", async () => {
  serveOne({ problem: "no_credential", reached_at: null });
  let asked: unknown;
  server.use(
    http.post("*/api/gateway/database-servers", async ({ request }) => {
      asked = await request.json();
      return HttpResponse.json(eu({ problem: "no_credential", reached_at: null }), { status: 201 });
    }),
  );
  const user = userEvent.setup();
  const router = renderConsole("/new/database-server");
  await user.type(await screen.findByRole("textbox", { name: /^Name/ }), "eu-1");
  await user.type(screen.getByRole("textbox", { name: /^Address/ }), "db.internal");
  await user.click(screen.getByRole("button", { name: "Make it known" }));
  expect(screen.getByRole("textbox", { name: /^Address/ })).toBeInvalid();
  expect(asked).toBeUndefined();

  await user.type(screen.getByRole("textbox", { name: /^Address/ }), ":5432");
  await user.type(screen.getByRole("textbox", { name: /^Connections promised/ }), "1.5");
  await user.click(screen.getByRole("button", { name: "Make it known" }));
  expect(await screen.findByRole("heading", { name: "eu-1" })).toBeInTheDocument();
  expect(asked).toEqual({
    name: "eu-1",
    address: "db.internal:5432",
    capacity: null,
    weight: 100,
    overcommit: 1.5,
    region: null,
  });
  expect(router.state.location.pathname).toBe("/database-servers/eu-1");
  expect(await screen.findByRole("alert")).toHaveTextContent("No worker holds its credential");
  expect(screen.getByRole("region", { name: "Facts" })).toHaveTextContent("Last reachednever");
});

test("an edit names the version it was read in; one that came too late is offered to be read again", async () => {
  serveOne({ tenants: 2, overcommit: 2 });
  const asked: [string | null, unknown][] = [];
  server.use(
    http.patch("*/api/gateway/database-servers/eu-1", async ({ request }) => {
      asked.push([request.headers.get("if-match"), await request.json()]);
      return problem(412, { title: "It has changed", code: "precondition_failed" });
    }),
  );
  const user = userEvent.setup();
  renderConsole("/database-servers/eu-1/edit");
  const weight = await screen.findByRole("textbox", { name: /^Weight/ });
  expect(screen.getByRole("textbox", { name: "Address" })).toHaveAttribute("readonly");
  await user.clear(weight);
  await user.type(weight, "200");
  await user.clear(screen.getByRole("textbox", { name: /^Connections promised/ }));
  await user.click(screen.getByRole("button", { name: "Save" }));
  await user.click(await screen.findByRole("button", { name: "Load it again" }));
  expect(asked).toEqual([['"1"', { weight: 200, overcommit: null }]]);
  expect(await screen.findByRole("textbox", { name: /^Weight/ })).toHaveValue("100");
});

test("a server is deleted after its name was typed", async () => {
  serveOne();
  let deleted: string | null = null;
  server.use(
    http.delete("*/api/gateway/database-servers/eu-1", ({ request }) => {
      deleted = request.headers.get("if-match");
      return HttpResponse.json(eu());
    }),
  );
  const user = userEvent.setup();
  const router = renderConsole("/database-servers/eu-1");
  await user.click(await screen.findByRole("button", { name: "Delete…" }));
  const dialog = await screen.findByRole("dialog", { name: "Delete eu-1?" });
  const submit = within(dialog).getByRole("button", { name: "Delete eu-1" });
  expect(submit).toBeDisabled();
  await user.type(within(dialog).getByRole("textbox"), "eu-1");
  await user.click(submit);
  expect(await screen.findByRole("heading", { name: "Database servers" })).toBeInTheDocument();
  expect(deleted).toBe('"1"');
  expect(router.state.location.pathname).toBe("/database-servers");
});

test("the server of the settings is not offered to be deleted", async () => {
  serveOne({ from_settings: true });
  renderConsole("/database-servers/eu-1?ask=delete");
  expect(await screen.findByRole("group", { name: "Actions" })).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: "Delete…" })).not.toBeInTheDocument();
  expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
});
