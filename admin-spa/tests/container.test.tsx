import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { beforeEach, expect, test, vi } from "vitest";
import type { Tenant } from "../src/api/types";
import type { TenantLogs, TenantStats } from "../src/tenants/detail/container";
import { textOf } from "../src/tenants/detail/LogsTab";
import { readLogSearch, timeOf } from "../src/tenants/detail/logSearch";
import { fleet } from "./fleet";
import { renderConsole } from "./render";
import { tenant } from "./samples";
import { me, server } from "./server";

// jsdom draws no canvas.
vi.mock("uplot", () => ({ default: class {} }));

const AT = "2026-01-02T03:04:05Z";
let current: Tenant;

beforeEach(() => {
  current = tenant({ tier: "dedicated" });
  server.use(
    ...fleet(),
    http.get("*/api/gateway/tenants/:key", () =>
      HttpResponse.json(current, { headers: { etag: `"${current.updated_at}"` } }),
    ),
  );
});

const stats = (fields: Partial<TenantStats> = {}): TenantStats => ({
  known: true,
  code: null,
  message: null,
  seen_at: AT,
  state: "running",
  image: "app:1",
  started_at: AT,
  restarts: 2,
  exit_code: null,
  out_of_memory: false,
  cpus_used: 0.25,
  cpus_limit: 1,
  memory_bytes: 128 * 1024 ** 2,
  memory_limit_bytes: 512 * 1024 ** 2,
  pids: 12,
  pids_limit: null,
  received_bytes: 2048,
  sent_bytes: 1024,
  ...fields,
});

const logs = (fields: Partial<TenantLogs> = {}): TenantLogs => ({
  id: "0190a0b0-0000-7000-8000-000000000401",
  tenant_id: current.id,
  state: "succeeded",
  created_at: AT,
  ended_at: AT,
  lines: [
    { at: AT, stream: "stdout", text: "listening" },
    { at: null, stream: "stderr", text: "<script>alert(1)</script>" },
  ],
  cut: true,
  error: null,
  ...fields,
});

const tabs = async () => within(await screen.findByRole("navigation", { name: "Parts of this tenant" }));

test("use stands beside its limits", async () => {
  server.use(http.get("*/api/gateway/tenants/acme/stats", () => HttpResponse.json(stats())));
  renderConsole("/tenants/acme/stats");
  expect(await screen.findByRole("img", { name: /CPU.*0\.25 CPUs.*1 CPUs/ })).toBeInTheDocument();
  expect(screen.getByRole("img", { name: /Memory.*128 MiB.*512 MiB/ })).toBeInTheDocument();
  expect(screen.getByText("2 KiB since it started")).toBeInTheDocument();
  expect(screen.queryByText(/took too much memory/)).not.toBeInTheDocument();
});

test("where no worker looked, nothing is said about the container", async () => {
  const nothing = stats({
    known: false,
    code: "no_container",
    message: "It has no container.",
    state: null,
    cpus_used: null,
  });
  server.use(http.get("*/api/gateway/tenants/acme/stats", () => HttpResponse.json(nothing)));
  renderConsole("/tenants/acme/stats");
  expect(await screen.findByText(/It has no container\./)).toBeInTheDocument();
  expect(screen.queryByText(/CPUs/)).not.toBeInTheDocument();
});

test("a tenant without a container has no tabs about one", async () => {
  current = tenant();
  renderConsole("/tenants/acme/logs");
  expect(await screen.findByText(/tier “dedicated”/)).toBeInTheDocument();
  const shown = await tabs();
  expect(shown.queryByRole("link", { name: "Logs" })).not.toBeInTheDocument();
  expect(shown.queryByRole("link", { name: "Stats" })).not.toBeInTheDocument();
  expect(shown.getByRole("link", { name: "Metrics" })).toBeInTheDocument();
});

test("logs are for who has their scope", async () => {
  server.use(
    http.get("*/api/gateway/me", () =>
      HttpResponse.json({ ...me, role: "viewer", scopes: ["tenants:read"] }),
    ),
  );
  renderConsole("/tenants/acme/logs");
  expect(await screen.findByText(/permission tenants:logs/)).toBeInTheDocument();
  expect((await tabs()).queryByRole("link", { name: "Logs" })).not.toBeInTheDocument();
});

test("a log is read only when asked for, followed until it is there, and shown as text", async () => {
  const asked: unknown[] = [];
  let looks = 0;
  server.use(
    http.post("*/api/gateway/tenants/acme/logs", async ({ request }) => {
      asked.push(await request.json());
      return HttpResponse.json(logs({ state: "running", ended_at: null, lines: null, cut: null }), {
        status: 202,
      });
    }),
    http.get("*/api/gateway/tenants/acme/logs/:id", () => {
      looks += 1;
      return HttpResponse.json(looks < 2 ? logs({ state: "running", lines: null }) : logs());
    }),
  );
  const user = userEvent.setup();
  const router = renderConsole("/tenants/acme/logs?lines=500");
  const read = await screen.findByRole("button", { name: "Read the log" });
  expect(asked).toEqual([]);
  await user.click(read);
  const log = await screen.findByRole("region", { name: "Log of acme" }, { timeout: 5_000 });
  expect(asked).toEqual([{ lines: 500 }]);
  expect(within(log).getByText("<script>alert(1)</script>")).toBeInTheDocument();
  expect(screen.getByText(/left out to keep to 256 KiB/)).toBeInTheDocument();

  expect(log).toHaveAttribute("data-wrap");
  await user.click(screen.getByRole("checkbox", { name: "Wrap long lines" }));
  await waitFor(() => expect(router.state.location.search).toEqual({ lines: 500, wrap: "no" }));
  expect(log).not.toHaveAttribute("data-wrap");

  await user.selectOptions(screen.getByLabelText("Written"), "1h");
  await user.click(screen.getByRole("button", { name: "Read again" }));
  await waitFor(() => expect(asked).toHaveLength(2));
  expect(asked[1]).toEqual({ lines: 500, since: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:]{8}Z$/) });
});

test("a log that could not be read says why", async () => {
  const failed = logs({
    state: "failed",
    lines: null,
    cut: null,
    error: { code: "no_container", message: "It has no container." },
  });
  server.use(http.post("*/api/gateway/tenants/acme/logs", () => HttpResponse.json(failed)));
  renderConsole("/tenants/acme/logs");
  await userEvent.setup().click(await screen.findByRole("button", { name: "Read the log" }));
  expect(await screen.findByText(/could not be read: It has no container\./)).toBeInTheDocument();
});

test("an address of a log keeps what it knows, and times are told to the second", () => {
  expect(readLogSearch({ lines: 500, since: "1h", wrap: "no" })).toEqual({
    lines: 500,
    since: "1h",
    wrap: "no",
  });
  expect(readLogSearch({ lines: "7", since: "2y", wrap: "yes" })).toEqual({});
  expect(timeOf("5m", Date.parse("2026-01-02T03:04:05.678Z"))).toBe("2026-01-02T02:59:05Z");
});

test("a file has a line for each line", () => {
  expect(textOf([{ at: null, stream: "stderr", text: "oh" }])).toBe("- stderr oh\n");
});

test("a tenant's numbers are asked for the range in the address", async () => {
  const asked: string[] = [];
  server.use(
    http.get("*/api/gateway/tenants/acme/series", ({ request }) => {
      const { searchParams } = new URL(request.url);
      const metric = searchParams.get("metric") ?? "";
      const hours = (Date.now() - Date.parse(searchParams.get("from") ?? "")) / 3_600_000;
      asked.push(`${metric} ${Math.round(hours)}`);
      return HttpResponse.json({
        metric,
        step_seconds: 60,
        times: [60],
        series: [{ name: metric, unit: "per_second", values: [1.5] }],
      });
    }),
  );
  const router = renderConsole("/tenants/acme/metrics?range=6h");
  expect(
    await screen.findByRole("img", { name: /^Errors of the server over the last 6 hours/ }),
  ).toBeInTheDocument();
  expect(await screen.findByRole("img", { name: /^Time of requests/ })).toBeInTheDocument();
  expect(asked.toSorted()).toEqual(["errors 6", "latency 6", "requests 6"]);
  await userEvent.setup().selectOptions(screen.getByLabelText("Range"), "24h");
  await waitFor(() => expect(router.state.location.search).toEqual({ range: "24h" }));
  await waitFor(() => expect(asked).toContain("requests 24"));
});

test("a gateway that keeps no numbers says so", async () => {
  server.use(
    http.get("*/api/gateway/tenants/acme/series", () =>
      HttpResponse.json({ title: "No such route", status: 404, code: "route_not_found" }, { status: 404 }),
    ),
  );
  renderConsole("/tenants/acme/metrics");
  expect(await screen.findByText("This gateway keeps no numbers over time.")).toBeInTheDocument();
});
