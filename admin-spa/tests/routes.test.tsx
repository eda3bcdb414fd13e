import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { expect, test } from "vitest";
import type { RouteView } from "../src/routes/types";
import { job, route, sight, traefik } from "./fleetSamples";
import { renderConsole } from "./render";
import { problem, server } from "./server";

const AT = "2026-01-02T03:04:05Z";

const view = (fields: Partial<RouteView> = {}): RouteView => ({
  router: "tenant-acme@redis",
  rule: "Host(`acme.example.com`)",
  entry_points: ["web"],
  priority: 1000,
  middlewares: [],
  service: "pool-default@redis",
  servers: [{ url: "http://10.0.0.2:8080", up: null }],
  revision: "r1",
  served: true,
  errors: [],
  ...fields,
});

const serve = (asked: URL[] = []) =>
  server.use(
    http.get("*/api/gateway/traefik", () => HttpResponse.json(traefik())),
    http.get("*/api/gateway/routes", ({ request }) => {
      asked.push(new URL(request.url));
      return HttpResponse.json({
        items: [
          route({
            state: "differs",
            wanted: view(),
            held: view({ rule: "Host(`old.example.com`)" }),
            differences: [
              { part: "rule", wanted: "Host(`acme.example.com`)", held: "Host(`old.example.com`)" },
            ],
          }),
        ],
        next_cursor: "next",
        traefik: sight(),
      });
    }),
  );

test("routes are listed with what differs, filtered by the address, and unfold into their picture", async () => {
  const asked: URL[] = [];
  serve(asked);
  const user = userEvent.setup();
  const router = renderConsole("/routes?state=differs");
  const table = await screen.findByRole("table", { name: "Routes of tenants" });
  expect(asked[0]?.searchParams.get("state")).toBe("differs");
  expect(within(table).getByText("differs in rule")).toBeInTheDocument();
  expect(screen.getByText("Held: Traefik has what is published")).toBeInTheDocument();

  await user.click(within(table).getByRole("button", { name: "Show the route of acme" }));
  const picture = await screen.findByRole("list", { name: "The route of acme" });
  expect(picture).toHaveTextContent("Wanted rule");
  expect(router.state.location.search).toEqual({ state: "differs", show: "acme" });

  await user.click(screen.getByRole("button", { name: "Next" }));
  await screen.findByRole("button", { name: "Previous" });
  expect(asked.at(-1)?.searchParams.get("cursor")).toBe("next");
});

test("words in the search line name a tenant", async () => {
  const asked: URL[] = [];
  serve(asked);
  const user = userEvent.setup();
  const router = renderConsole("/routes");
  await screen.findByRole("table", { name: "Routes of tenants" });
  await user.type(screen.getByRole("searchbox"), "acme{Enter}");
  await waitFor(() => expect(asked.at(-1)?.searchParams.get("tenant")).toBe("acme"));
  expect(router.state.location.search).toEqual({ tenant: "acme" });
});

test("publishing all again is asked for in a dialog and followed", async () => {
  serve();
  server.use(
    http.post("*/api/gateway/routes/republish", () => HttpResponse.json(job(), { status: 202 })),
    http.get("*/api/gateway/jobs/*", () => HttpResponse.json(job({ state: "running", worker: "w1" }))),
  );
  const user = userEvent.setup();
  renderConsole("/routes");
  await user.click(await screen.findByRole("button", { name: "Publish all again…" }));
  const dialog = await screen.findByRole("dialog", { name: "Publish all routes again?" });
  await user.click(within(dialog).getByRole("button", { name: "Publish all routes again" }));
  expect(await screen.findByText("The worker w1 is at it.")).toBeInTheDocument();
});

test("what nobody knows of Traefik is not said to be well", async () => {
  server.use(
    http.get("*/api/gateway/traefik", () =>
      HttpResponse.json(
        traefik({
          healthy: null,
          sight: sight({ known: false, code: "traefik_unreachable", message: "no answer in 2 s" }),
          sentinel_held: null,
          fallback_served: null,
        }),
      ),
    ),
    http.get("*/api/gateway/routes", () =>
      HttpResponse.json({ items: [], next_cursor: null, traefik: sight() }),
    ),
  );
  renderConsole("/routes");
  const panel = await screen.findByRole("region", { name: "Traefik" });
  expect(await within(panel).findByText(/no answer in 2 s/)).toBeInTheDocument();
  expect(within(panel).queryByText("Healthy")).not.toBeInTheDocument();
});

test.each([
  [traefik().changes, "Loaded: Traefik has every change that was written"],
  [{ looked_at: AT, written: 43, loaded: 42, waiting_since: AT }, /^Not all loaded: one was written/],
  [{ looked_at: AT, written: 43, loaded: null, waiting_since: null }, "Not known"],
  [null, "Not known"],
])("how far Traefik is with what was written is said in words: %j", async (changes, words) => {
  serve();
  server.use(http.get("*/api/gateway/traefik", () => HttpResponse.json(traefik({ changes }))));
  renderConsole("/routes");
  const panel = await screen.findByRole("region", { name: "Traefik" });
  const name = await within(panel).findByText("Changes");
  expect(within(name.parentElement as HTMLElement).getByText(words)).toBeInTheDocument();
});

test("a URL is explained with its answer, its reasons and what to do", async () => {
  server.use(
    http.get("*/api/gateway/routes/explain", ({ request }) => {
      const url = new URL(request.url).searchParams.get("url");
      if (url === "nonsense") {
        return problem(422, {
          title: "Parameters are wrong",
          errors: [{ pointer: "/url", code: "url", message: "must be a URL" }],
        });
      }
      return HttpResponse.json({
        url,
        method: "GET",
        host: "acme.example.com",
        path: "/",
        entry_point: "web",
        traefik: sight(),
        answer: view({ router: "old-site@file" }),
        takers: ["old-site@file", "tenant-acme@redis"],
        tenant_route: route({ wanted: view(), held: view() }),
        as_wanted: false,
        reasons: [{ code: "router_outranked", message: "old-site@file goes before <b>acme</b>" }],
      });
    }),
  );
  const user = userEvent.setup();
  const router = renderConsole("/routes/explain?url=nonsense");
  const url = await screen.findByRole("textbox", { name: /^URL/ });
  expect(await screen.findByText("must be a URL")).toBeInTheDocument();

  await user.clear(url);
  await user.type(url, "http://acme.example.com/");
  await user.click(screen.getByRole("button", { name: "Explain" }));
  expect(
    await screen.findByText("Not answered as the tenant’s row wants. Answered by the router old-site@file."),
  ).toBeInTheDocument();
  expect(screen.getByText(/goes before <b>acme<\/b>/)).toBeInTheDocument();
  expect(screen.getByText(/Take the other router away/)).toBeInTheDocument();
  expect(screen.getByRole("list", { name: "The way of this request" })).toHaveTextContent("old-site@file");
  expect(router.state.location.search).toEqual({ url: "http://acme.example.com/" });
});

test("a test request is sent when asked for, and everything that came back is shown as text", async () => {
  const sent: unknown[] = [];
  server.use(
    http.post("*/api/gateway/routes/test", async ({ request }) => {
      const body = (await request.json()) as { host: string };
      sent.push(body);
      if (body.host === "nobody.example.com") {
        return problem(404, { title: "No tenant", code: "no_such_host", detail: "No tenant has this host." });
      }
      return HttpResponse.json({
        tenant_id: "0190a0b0-0000-7000-8000-000000000001",
        tenant_key: "acme",
        host: body.host,
        path: "/health",
        method: "GET",
        reply: {
          status: 200,
          revision: "r1",
          page: null,
          headers: [
            { name: "set-cookie", value: "session=***" },
            { name: "set-cookie", value: "theme=***" },
          ],
          body: "<img src=x onerror=alert(1)>",
          body_cut: true,
          head_ms: 12.4,
          whole_ms: 15.2,
        },
        error: null,
        route: view(),
        as_wanted: true,
        reasons: [],
      });
    }),
  );
  const user = userEvent.setup();
  renderConsole("/routes/explain");
  const panel = within(await screen.findByRole("region", { name: "Send a test request" }));
  await user.click(panel.getByRole("button", { name: "Send" }));
  expect(panel.getByText(/Enter the host of a tenant/)).toBeInTheDocument();
  expect(sent).toEqual([]);

  const host = panel.getByRole("textbox", { name: /^Host/ });
  await user.type(host, "nobody.example.com");
  await user.click(panel.getByRole("button", { name: "Send" }));
  expect(await panel.findByText("No tenant has this host.")).toBeInTheDocument();

  await user.clear(host);
  await user.type(host, "acme.example.com");
  const path = panel.getByRole("textbox", { name: /^Path/ });
  await user.clear(path);
  await user.type(path, "/health");
  await user.click(panel.getByRole("button", { name: "Send" }));
  expect(await panel.findByText("200 in 15 ms. Answered as the tenant’s row wants.")).toBeInTheDocument();
  expect(sent.at(-1)).toEqual({ host: "acme.example.com", path: "/health", method: "GET" });
  expect(panel.getByText("tenant-acme@redis, which leads to pool-default@redis")).toBeInTheDocument();
  expect(panel.getByText("<img src=x onerror=alert(1)>")).toBeInTheDocument();
  expect(panel.getByText(/only the first 4 KiB/)).toBeInTheDocument();
  expect(panel.getAllByText("set-cookie")).toHaveLength(2);
});
