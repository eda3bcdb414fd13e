import { screen, waitFor, within } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { noteBuild } from "../src/api/build";
import { FailedPage } from "../src/shell/FailedPage";
import { isMissingPart } from "../src/shell/missingPart";
import { server as databaseServer, pool, traefik } from "./fleetSamples";
import { renderConsole } from "./render";
import { renderQueried } from "./render-queried";
import { server } from "./server";

beforeEach(() => {
  sessionStorage.clear();
  server.use(
    http.get("*/api/gateway/pools", () => HttpResponse.json({ items: [pool()], next_cursor: null })),
    http.get("*/api/gateway/database-servers", () =>
      HttpResponse.json({ items: [databaseServer()], next_cursor: null }),
    ),
    http.get("*/api/gateway/jobs", () => HttpResponse.json({ items: [], next_cursor: null })),
    http.get("*/api/gateway/traefik", () => HttpResponse.json(traefik())),
  );
});

test.each([
  ["/placement", "Capacity"],
  ["/jobs", "Drift"],
  ["/new/pool", "Pools"],
  ["/pools", "Pools"],
])("at %s the rail shows %s as where one is, and nothing else", async (address, area) => {
  renderConsole(address);
  const rail = await screen.findByRole("navigation", { name: "Main" });
  expect(within(rail).getByRole("link", { current: "page" })).toHaveTextContent(area);
});

test("every page says whether people rely on what it shows", async () => {
  renderConsole("/pools");
  expect(await within(await screen.findByRole("banner")).findByText("Production")).toBeInTheDocument();
});

describe("a part of the console that is gone", () => {
  const reload = vi.fn();
  beforeEach(() => {
    reload.mockClear();
    vi.stubGlobal("location", { ...window.location, reload });
    return () => vi.unstubAllGlobals();
  });
  const show = (message: string) => renderQueried(<FailedPage error={new Error(message)} reset={() => {}} />);

  test("is loaded again with the whole console, once", async () => {
    await show("Unable to preload CSS for /assets/PoolPage-abc.css");
    await waitFor(() => expect(reload).toHaveBeenCalledTimes(1));
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });

  test("is told as a problem when a reload did not help", async () => {
    sessionStorage.setItem("gateway.reloaded", String(Date.now() - 1_000));
    await show("Failed to fetch dynamically imported module: /assets/PoolPage-abc.js");
    expect(await screen.findByRole("alert")).toBeInTheDocument();
    expect(reload).not.toHaveBeenCalled();
  });

  test("any other failure reloads nothing", async () => {
    await show("rows is undefined");
    expect(await screen.findByRole("alert")).toBeInTheDocument();
    expect(reload).not.toHaveBeenCalled();
  });

  test("is told apart from answers that failed", () => {
    expect(isMissingPart(new TypeError("Failed to fetch"))).toBe(false);
    expect(isMissingPart(new TypeError("Importing a module script failed."))).toBe(true);
  });
});

// The last one: what was noted about the build stays until the page goes.
test("an answer of another build than the first offers to reload", async () => {
  noteBuild("header", "1.2.3-aaa");
  server.use(
    http.get("*/api/gateway/pools", () =>
      HttpResponse.json(
        { items: [pool()], next_cursor: null },
        { headers: { "x-gateway-build": "1.2.3-bbb" } },
      ),
    ),
  );
  renderConsole("/pools");
  expect(await screen.findByText("The server runs another version of this console.")).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Reload" })).toBeInTheDocument();
});
