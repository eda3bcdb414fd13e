import { HttpResponse, http } from "msw";
import { afterEach, expect, test, vi } from "vitest";
import { meQuery } from "../src/api/session";
import { isClosed } from "../src/login/isClosed";
import { createQueries } from "../src/queries";
import { me, server } from "./server";

/** A classic script, so it has no types. */
const SCRIPT = "/src/bootstrap.js";

afterEach(() => {
  delete window.asked;
  vi.restoreAllMocks();
  window.history.replaceState(null, "", "/");
});

const ask = () => createQueries(() => {}).fetchQuery(meQuery);

test("it is asked who is signed in and where the events end before the bundle runs, unless the page needs nobody", async () => {
  const asked = vi.spyOn(globalThis, "fetch").mockImplementation(async () => new Response());
  for (const path of ["/", "/tenants/login", "/login", "/forgotten", "/reset", "/invite"]) {
    asked.mockClear();
    window.history.replaceState(null, "", path);
    vi.resetModules();
    await import(/* @vite-ignore */ SCRIPT);
    expect(
      asked.mock.calls.map(([url]) => url),
      path,
    ).toEqual(isClosed(path) ? [] : ["/api/gateway/me", "/api/gateway/events?limit=1"]);
  }
});

test("the answer that was asked for early is taken once", async () => {
  let asked = 0;
  server.use(
    http.get("*/api/gateway/me", () => {
      asked += 1;
      return HttpResponse.json({ ...me, name: "Asked again" });
    }),
  );
  window.asked = { me: Promise.resolve(Response.json({ ...me, name: "Asked early" })) };
  expect((await ask()).name).toBe("Asked early");
  expect(asked).toBe(0);
  expect((await ask()).name).toBe("Asked again");
});

test("an early question that got no answer is asked again", async () => {
  window.asked = { me: Promise.reject(new TypeError("Failed to fetch")) };
  expect((await ask()).name).toBe(me.name);
}, 20_000);
