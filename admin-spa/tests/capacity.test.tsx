import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, test } from "vitest";
import { server as databaseServer, pool, traefik } from "./fleetSamples";
import { renderConsole } from "./render";
import { server } from "./server";

const AT = "2026-01-02T03:04:05Z";
const amount = (used: number | null, limit: number | null) => ({
  used,
  limit,
  free: used === null || limit === null ? null : limit - used,
  measured_at: AT,
});

const pools = [
  pool({ id: "p1", name: "default", tenants: 30 }),
  pool({ id: "p2", name: "eu-1", tenants: 2, capacity: 2 }),
];
const servers = [databaseServer({ id: "s1", name: "default", tenants: 36, capacity: 40 })];

beforeEach(() => {
  server.use(
    http.get("*/api/gateway/pools", () => HttpResponse.json({ items: pools, next_cursor: null })),
    http.get("*/api/gateway/database-servers", () =>
      HttpResponse.json({ items: servers, next_cursor: null }),
    ),
    http.get("*/api/gateway/traefik", () => HttpResponse.json(traefik())),
    http.get("*/api/gateway/capacity", () =>
      HttpResponse.json({
        at: AT,
        subnets: { block: "10.64.0.0/16", quarantined: 6, amount: { ...amount(10, 4_096), free: 4_080 } },
        servers: [
          {
            id: "s1",
            name: "default",
            state: "active",
            tenants: 36,
            connections: amount(720, 97),
            databases: amount(40, null),
            database_bytes: amount(null, null),
          },
        ],
        pools: [],
        networks: amount(12, null),
        containers: amount(null, null),
        queue: { due: 1, behind: 2, later: 3, claimed: 4, paused: 5, oldest_seconds: 2.4 },
        workers: [{ name: "w1", tenants: 4, jobs: 0 }],
      }),
    ),
  );
});

test("what is used, resting and left is told in numbers, and what nobody measured is said to be so", async () => {
  renderConsole("/capacity");
  const subnets = await screen.findByRole("region", { name: "Networks of tenants" });
  expect(subnets).toHaveTextContent("4,080 left, 1 % used, 6 resting");
  expect(
    await screen.findByRole("img", { name: "Connections promised: 720 of 97 used" }),
  ).toBeInTheDocument();
  expect(screen.getByText(/623 over the limit/)).toBeInTheDocument();
  expect(screen.getByText(/Size on disk/)).toHaveTextContent("not measured yet");
  expect(screen.getByRole("region", { name: "Queue of work" })).toHaveTextContent("2.4 s");
  expect(screen.getByRole("row", { name: /w1/ })).toHaveTextContent("4");
});

test("the next tenant's place is told with the reason of each other one, and the gateway is asked", async () => {
  server.use(
    http.post("*/api/gateway/tenants", ({ request }) => {
      expect(new URL(request.url).searchParams.get("dry_run")).toBe("true");
      return HttpResponse.json({ pool_id: "p1" });
    }),
  );
  const user = userEvent.setup();
  renderConsole("/placement");
  expect(
    await screen.findByText(
      "A new tenant of the tier shared goes into the pool default, and its database to the server default.",
    ),
  ).toBeInTheDocument();
  const table = screen.getByRole("table", { name: "Pools" });
  expect(within(table).getByRole("row", { name: /eu-1/ })).toHaveTextContent("as many tenants as it takes");
  await user.click(screen.getByRole("button", { name: "Ask the gateway" }));
  expect(await screen.findByText("The gateway says the same: default.")).toBeInTheDocument();

  await user.click(screen.getByRole("radio", { name: "Dedicated" }));
  expect(await screen.findByText(/gets a container of its own/)).toBeInTheDocument();
  expect(screen.queryByRole("table", { name: "Pools" })).not.toBeInTheDocument();
});

test("the topology reads as lists that say where each part leads", async () => {
  server.use(
    http.get("*/api/gateway/tenants", () =>
      HttpResponse.json({
        items: [
          { pool_id: "p1", server: "default", status: "active" },
          { pool_id: null, server: "default", status: "error" },
        ],
        next_cursor: null,
      }),
    ),
  );
  renderConsole("/topology");
  const picture = await screen.findByRole("region", { name: "Topology of the fleet" });
  expect(within(picture).getByText("leads to default, eu-1, Own containers")).toBeInTheDocument();
  const own = within(picture).getByText("Own containers", { selector: "a" }).closest("li");
  expect(own).toHaveTextContent("4 tenants");
  expect(await within(picture).findAllByText(/1 failing/)).toHaveLength(2);
});
