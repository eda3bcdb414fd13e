import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, test } from "vitest";
import type { PoolMember } from "../src/pools/api";
import { managedPool, pool, poolMember } from "./fleetSamples";
import { renderConsole } from "./render";
import { me, problem, server } from "./server";

const list = (...items: unknown[]) => HttpResponse.json({ items, next_cursor: null });

test("pools are shown as cards that say how full they are, and as a table", async () => {
  server.use(
    http.get("*/api/gateway/pools", () =>
      list(pool({ name: "eu-1", tenants: 9, capacity: 10 }), pool({ id: "2", name: "us-1", tenants: 4 })),
    ),
  );
  const router = renderConsole("/pools");
  const full = await screen.findByRole("article", { name: "eu-1" });
  expect(within(full).getByRole("img", { name: "Tenants: 9 of 10 used" })).toBeInTheDocument();
  expect(within(full).getByText(/1 left/)).toBeInTheDocument();
  expect(screen.getByRole("img", { name: "Tenants: 4 used, without a limit" })).toBeInTheDocument();

  await userEvent.click(screen.getByRole("link", { name: "Table" }));
  const table = await screen.findByRole("table", { name: "Pools" });
  expect(within(table).getByRole("row", { name: /us-1/ })).toHaveTextContent("any number");
  expect(router.state.location.search).toEqual({ view: "table" });
});

test("a pool is made from what was typed, and what the server refuses stands at its field", async () => {
  const asked: unknown[] = [];
  server.use(
    http.get("*/api/gateway/pools/eu-2", () => HttpResponse.json(pool({ name: "eu-2" }))),
    http.get("*/api/gateway/pools/eu-2/members", () => HttpResponse.json({ items: [poolMember()] })),
    http.get("*/api/gateway/tenants", () => list()),
    http.post("*/api/gateway/pools", async ({ request }) => {
      asked.push(await request.json());
      if (asked.length > 1) return HttpResponse.json(pool({ name: "eu-2" }), { status: 201 });
      return problem(422, {
        title: "Fields are wrong",
        errors: [{ pointer: "/members/0", code: "url", message: "must be reachable" }],
      });
    }),
  );
  const user = userEvent.setup();
  const router = renderConsole("/new/pool");
  await user.click(await screen.findByRole("button", { name: "Make the pool" }));
  expect(screen.getByRole("textbox", { name: /^Name/ })).toBeInvalid();
  expect(asked).toEqual([]);

  await user.type(screen.getByRole("textbox", { name: /^Name/ }), "eu-2");
  await user.type(screen.getByRole("textbox", { name: /^Members/ }), "http://10.0.0.9:80");
  await user.type(screen.getByRole("textbox", { name: /^Takes at most/ }), "1,000");
  await user.click(screen.getByRole("button", { name: "Make the pool" }));
  expect(await screen.findByText("must be reachable")).toBeInTheDocument();
  expect(screen.getByRole("textbox", { name: /^Members/ })).toHaveFocus();

  await user.type(screen.getByRole("textbox", { name: /^Members/ }), "80");
  expect(screen.queryByText("must be reachable")).not.toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Make the pool" }));
  expect(await screen.findByRole("heading", { name: "eu-2" })).toBeInTheDocument();
  expect(asked[1]).toEqual({ name: "eu-2", members: ["http://10.0.0.9:8080"], capacity: 1_000, weight: 100 });
  expect(router.state.location.pathname).toBe("/pools/eu-2");
});

const serveOne = (fields: Parameters<typeof pool>[0], ...members: PoolMember[]) =>
  server.use(
    http.get("*/api/gateway/pools/eu-1", () => HttpResponse.json(pool(fields))),
    http.get("*/api/gateway/pools/eu-1/members", () => HttpResponse.json({ items: members })),
    http.get("*/api/gateway/pools", () => list(pool(fields), pool({ id: "2", name: "spare" }))),
    http.get("*/api/gateway/tenants", () => list()),
  );

test("a pool with tenants is stopped only after its name was typed, with what that means in words", async () => {
  serveOne({ tenants: 3 });
  let stopped = false;
  server.use(
    http.post("*/api/gateway/pools/eu-1/stop", () => {
      stopped = true;
      return HttpResponse.json(pool({ tenants: 3, state: "stopped" }));
    }),
  );
  const user = userEvent.setup();
  const router = renderConsole("/pools/eu-1");
  await user.click(await screen.findByRole("button", { name: "Stop…" }));
  const dialog = await screen.findByRole("dialog", { name: "Stop eu-1?" });
  expect(router.state.location.search).toEqual({ ask: "stop" });
  expect(dialog).toHaveTextContent("The hosts of 3 tenants answer with the 503 page");
  expect(await within(dialog).findByText("New tenants go to spare.")).toBeInTheDocument();
  const submit = within(dialog).getByRole("button", { name: "Stop eu-1" });
  expect(submit).toBeDisabled();
  await user.type(within(dialog).getByRole("textbox"), "eu-1");
  await user.click(submit);
  expect(await screen.findByRole("button", { name: "Start" })).toBeInTheDocument();
  expect(stopped).toBe(true);
  expect(router.state.location.search).toEqual({});
});

test("a deletion that would be refused says why, and the server's refusal is shown", async () => {
  serveOne({ tenants: 1 });
  server.use(
    http.delete("*/api/gateway/pools/eu-1", () =>
      problem(409, { title: "The pool has tenants", code: "pool_in_use", detail: "1 tenant is in it" }),
    ),
  );
  const user = userEvent.setup();
  renderConsole("/pools/eu-1?ask=delete");
  const dialog = await screen.findByRole("dialog", { name: "Delete eu-1?" });
  expect(dialog).toHaveTextContent("1 tenant is in it, so the deletion will be refused");
  await user.type(within(dialog).getByRole("textbox"), "eu-1");
  await user.click(within(dialog).getByRole("button", { name: "Delete eu-1" }));
  expect(await within(dialog).findByRole("alert")).toHaveTextContent("1 tenant is in it");
});

test("who may only read is offered no change", async () => {
  serveOne({});
  server.use(
    http.get("*/api/gateway/me", () => HttpResponse.json({ ...me, scopes: ["fleet:read", "tenants:read"] })),
  );
  renderConsole("/pools/eu-1");
  expect(await screen.findByText("It takes new tenants and serves those it has.")).toBeInTheDocument();
  expect(screen.queryByRole("group", { name: "Actions" })).not.toBeInTheDocument();
});

test("a managed pool says what hinders it and how each member is, and a worker is asked to look again", async () => {
  const hindered = managedPool({
    healthy_members: 1,
    revision: 4,
    environment: ["LOG_LEVEL"],
    problem: { code: "image_missing", message: "the image is not there", retried: false },
  });
  serveOne(
    hindered,
    poolMember({ container_id: "0123456789abcdef", image_id: "sha256:1" }),
    poolMember({ url: "http://10.64.0.3:8080/", state: "unhealthy", used: false }),
    poolMember({ url: "http://10.64.0.4:8080/", state: "starting", used: false, since: null }),
  );
  server.use(
    http.post("*/api/gateway/pools/eu-1/provision", () =>
      HttpResponse.json({ ...hindered, problem: null }, { status: 202 }),
    ),
  );
  const user = userEvent.setup();
  renderConsole("/pools/eu-1");
  expect(await screen.findByRole("alert")).toHaveTextContent("the image is not there (image_missing)");
  const members = await screen.findByRole("table", { name: "Members" });
  expect(within(members).getByRole("row", { name: /10\.64\.0\.3/ })).toHaveTextContent("Does not answer");
  expect(within(members).getByRole("row", { name: /10\.64\.0\.4/ })).toHaveTextContent("not asked yet");
  expect(within(members).getByText("0123456789ab")).toBeInTheDocument();
  const containers = screen.getByRole("region", { name: "Containers" });
  expect(containers).toHaveTextContent("1 of 2 answer");
  expect(containers).toHaveTextContent("LOG_LEVEL");

  await user.click(screen.getByRole("button", { name: "Look again" }));
  expect(await screen.findByText("A worker is making the last change true.")).toBeInTheDocument();
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
});

test("a restart is asked for after what it means was read", async () => {
  serveOne(managedPool());
  let restarted = false;
  server.use(
    http.post("*/api/gateway/pools/eu-1/restart", () => {
      restarted = true;
      return HttpResponse.json(managedPool({ revision: 4 }), { status: 202 });
    }),
  );
  const user = userEvent.setup();
  renderConsole("/pools/eu-1");
  await user.click(await screen.findByRole("button", { name: "Restart…" }));
  const dialog = await screen.findByRole("dialog", { name: "Restart eu-1?" });
  expect(dialog).toHaveTextContent("Its 2 containers are replaced one after the other");
  await user.click(within(dialog).getByRole("button", { name: "Restart eu-1" }));
  expect(await screen.findByText("A worker is making the last change true.")).toBeInTheDocument();
  expect(restarted).toBe(true);
});

test("a pool that is being deleted says so and offers nothing", async () => {
  serveOne(managedPool({ state: "deleting", revision: 4 }));
  renderConsole("/pools/eu-1");
  expect(
    await screen.findByText("A worker is taking its containers and its network away."),
  ).toBeInTheDocument();
  expect(screen.queryByRole("group", { name: "Actions" })).not.toBeInTheDocument();
});

test("a pool that the gateway runs is made from an image, and its variables by name and value", async () => {
  const asked: unknown[] = [];
  server.use(
    http.get("*/api/gateway/pools/eu-3", () => HttpResponse.json(managedPool({ name: "eu-3" }))),
    http.get("*/api/gateway/pools/eu-3/members", () => HttpResponse.json({ items: [] })),
    http.get("*/api/gateway/tenants", () => list()),
    http.post("*/api/gateway/pools", async ({ request }) => {
      asked.push(await request.json());
      return HttpResponse.json(managedPool({ name: "eu-3" }), { status: 202 });
    }),
  );
  const user = userEvent.setup();
  renderConsole("/new/pool");
  await user.click(await screen.findByRole("radio", { name: "The gateway" }));
  expect(screen.queryByRole("textbox", { name: /^Members/ })).not.toBeInTheDocument();
  await user.type(screen.getByRole("textbox", { name: /^Name/ }), "eu-3");
  await user.type(screen.getByRole("textbox", { name: /^Image/ }), "app:1.5");
  await user.type(screen.getByRole("textbox", { name: /^CPUs/ }), "0.5");
  await user.click(screen.getByRole("button", { name: "Add a variable" }));
  await user.type(screen.getByRole("textbox", { name: "Name of variable 1" }), "1TOKEN");
  await user.type(screen.getByLabelText("Value of variable 1"), "secret");
  await user.click(screen.getByRole("button", { name: "Make the pool" }));
  expect(await screen.findByText(/“1TOKEN” is no name of a variable/)).toBeInTheDocument();
  expect(asked).toEqual([]);

  await user.clear(screen.getByRole("textbox", { name: "Name of variable 1" }));
  await user.type(screen.getByRole("textbox", { name: "Name of variable 1" }), "TOKEN");
  await user.click(screen.getByRole("button", { name: "Make the pool" }));
  expect(await screen.findByRole("heading", { name: "eu-3" })).toBeInTheDocument();
  expect(asked).toEqual([
    {
      name: "eu-3",
      image: "app:1.5",
      replicas: 1,
      cpus: 0.5,
      environment: { TOKEN: "secret" },
      capacity: null,
      weight: 100,
    },
  ]);
});

test("an edit of a managed pool sends what changes, and removes a variable by null", async () => {
  const fields = managedPool({ environment: ["LOG_LEVEL", "TRACE"], memory_mib: 256 });
  serveOne(fields);
  let asked: unknown;
  server.use(
    http.patch("*/api/gateway/pools/eu-1", async ({ request }) => {
      asked = await request.json();
      return HttpResponse.json({ ...fields, revision: 4 }, { status: 202 });
    }),
  );
  const user = userEvent.setup();
  const router = renderConsole("/pools/eu-1/edit");
  const replicas = await screen.findByRole("textbox", { name: /^Containers/ });
  await user.clear(replicas);
  await user.type(replicas, "4");
  await user.clear(screen.getByRole("textbox", { name: /^Memory/ }));
  await user.click(screen.getByRole("checkbox", { name: "Remove TRACE" }));
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("A worker is making the last change true.")).toBeInTheDocument();
  expect(asked).toEqual({ replicas: 4, memory_mib: null, environment: { TRACE: null } });
  expect(router.state.location.pathname).toBe("/pools/eu-1");
});
