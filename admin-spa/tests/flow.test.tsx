import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { FlowPicture } from "../src/routes/FlowPicture";
import { hopKinds, hopsOf } from "../src/routes/hops";
import type { RouteView } from "../src/routes/types";
import { renderPart } from "./render";

const view = (fields: Partial<RouteView> = {}): RouteView => ({
  router: "tenant-acme@redis",
  rule: "Host(`acme.example.com`)",
  entry_points: ["web"],
  priority: 1000,
  middlewares: ["headers-acme@redis"],
  service: "pool-default@redis",
  servers: [{ url: "http://10.0.0.2:8080", up: true }],
  revision: "r1",
  served: true,
  errors: [],
  ...fields,
});

const states = (route: Parameters<typeof hopsOf>[0]) => hopsOf(route)?.map((hop) => hop.state);

test("a route that Traefik holds as wanted is fine at every hop", () => {
  expect(hopsOf({ wanted: view(), held: view(), differences: [] })?.map((hop) => hop.kind)).toEqual(hopKinds);
  expect(new Set(states({ wanted: view(), held: view(), differences: [] }))).toEqual(new Set(["fine"]));
});

test("each difference stands at the hop it is about, also one of a part nobody knows", () => {
  const differences = [
    { part: "entry_points", wanted: "web", held: "websecure" },
    { part: "servers", wanted: "a", held: "b" },
    { part: "colour", wanted: "red", held: "blue" },
  ];
  expect(states({ wanted: view(), held: view(), differences })).toEqual([
    "differs",
    "differs",
    "fine",
    "fine",
    "differs",
  ]);
});

test("what is not there is shown as wanted and absent, and nothing at all is no picture", () => {
  expect(new Set(states({ wanted: view(), held: null, differences: [] }))).toEqual(new Set(["absent"]));
  expect(hopsOf({ wanted: null, held: null, differences: [] })).toBeNull();
});

test("servers fail when all are down or there are none, and stand when nobody checks", () => {
  const last = (servers: RouteView["servers"]) =>
    states({ wanted: null, held: view({ servers }), differences: [] })?.at(-1);
  expect(last([])).toBe("failing");
  expect(last([{ url: "http://a", up: false }])).toBe("failing");
  expect(
    last([
      { url: "http://a", up: false },
      { url: "http://b", up: true },
    ]),
  ).toBe("fine");
  expect(last([{ url: "http://a", up: null }])).toBe("fine");
});

test("the picture is a list of the hops in order, with faults in words", () => {
  renderPart(
    <FlowPicture
      label="The route of acme"
      route={{
        wanted: view(),
        held: view({ served: false, errors: ["<script>alert(1)</script>"] }),
        differences: [{ part: "rule", wanted: "Host(`acme.example.com`)", held: "" }],
      }}
    />,
  );
  const hops = within(screen.getByRole("list", { name: "The route of acme" }))
    .getAllByRole("listitem")
    .filter((item) => item.parentElement?.getAttribute("aria-label") !== null);
  expect(hops.map((hop) => hop.textContent)).toEqual([
    expect.stringContaining("Entry point"),
    expect.stringContaining("Router"),
    expect.stringContaining("Middlewares"),
    expect.stringContaining("Service"),
    expect.stringContaining("Servers"),
  ]);
  expect(hops[1]).toHaveTextContent("Failing");
  expect(hops[1]).toHaveTextContent("<script>alert(1)</script>");
  expect(hops[1]).toHaveTextContent("Wanted rule");
  expect(hops[4]).toHaveTextContent("Answers");
});
