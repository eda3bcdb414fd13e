import { describe, expect, test } from "vitest";
import {
  edgesBetween,
  heightOf,
  ROW,
  rowMiddles,
  type TopologyNode,
  widthOf,
} from "../src/capacity/topology";
import { barParts, urgency } from "../src/fleet/barParts";
import { bytes, percent } from "../src/fleet/numbers";
import { ratePlaces } from "../src/fleet/placement";
import { isOutside, readDecimal, readWhole } from "../src/fleet/wholeNumber";
import {
  changesOf,
  checkPlan,
  emptyPlan,
  toCreate,
  toEdit,
  touchesTenants,
  valuesOf,
} from "../src/plans/limits";
import { checkPool, emptyPool, valuesOf as poolValues, toEdit as toPoolEdit } from "../src/pools/poolForm";
import { checkVariables, environmentPatch } from "../src/pools/variables";
import { asPlace } from "../src/servers/asPlace";
import { server as databaseServer, plan, pool } from "./fleetSamples";

const place = (name: string, fields: Partial<Parameters<typeof ratePlaces>[0][number]> = {}) => ({
  name,
  state: "active",
  tenants: 0,
  capacity: null,
  weight: 100,
  ...fields,
});
const verdicts = (places: Parameters<typeof ratePlaces>[0]) =>
  ratePlaces(places).map((rated) => `${rated.place.name} ${rated.verdict}`);

describe("placement", () => {
  test("the fewest tenants for its weight go first, the settings' place among equals, then by name", () => {
    expect(
      verdicts([
        place("b", { tenants: 10 }),
        place("a", { tenants: 10 }),
        place("default", { tenants: 10 }),
        place("heavy", { tenants: 15, weight: 200 }),
      ]),
    ).toEqual(["heavy chosen", "default later", "a later", "b later"]);
  });

  test("what is full or closed takes none, however empty it is beside the others", () => {
    expect(
      verdicts([
        place("closed", { state: "draining" }),
        place("full", { tenants: 1, capacity: 1 }),
        place("open", { tenants: 900, capacity: 901 }),
        place("none", { capacity: 0 }),
      ]),
    ).toEqual(["open chosen", "closed closed", "none full", "full full"]);
  });

  test("a pool without a member and a server that no worker holds take none; one that rests comes last", () => {
    expect(
      verdicts([
        place("empty", { members: [] }),
        place("rests", { resting: true }),
        place("unheld", { unheld: true }),
        place("used", { tenants: 900, members: ["http://a"] }),
      ]),
    ).toEqual(["used chosen", "rests later", "empty unready", "unheld unready"]);
    expect(asPlace(databaseServer({ problem: "no_credential", weight: 7 }))).toMatchObject({
      unheld: true,
      resting: false,
      weight: 7,
    });
    expect(asPlace(databaseServer({ problem: "database_server_unreachable" })).resting).toBe(true);
  });

  test("nobody is chosen where nobody has room", () => {
    expect(verdicts([place("a", { state: "stopped" }), place("b", { tenants: 3, capacity: 2 })])).toEqual([
      "a closed",
      "b full",
    ]);
    expect(verdicts([])).toEqual([]);
  });
});

describe("bars", () => {
  test("shares add up to the whole, and the limit's line stands inside once it is crossed", () => {
    expect(barParts({ used: 30, reserved: 20, limit: 100 })).toEqual({
      used: 30,
      reserved: 20,
      free: 50,
      line: null,
    });
    expect(barParts({ used: 200, limit: 100 })).toEqual({ used: 100, reserved: 0, free: 0, line: 50 });
    expect(barParts({ used: 0, limit: 0 })).toEqual({ used: 0, reserved: 0, free: 100, line: null });
    expect(barParts({ used: 5, limit: null })).toBeNull();
  });

  test("nine tenths are close, the limit is full, and no limit is calm", () => {
    expect([89, 90, 100, 101].map((used) => urgency({ used, limit: 100 }))).toEqual([
      "calm",
      "close",
      "full",
      "full",
    ]);
    expect(urgency({ used: 1, reserved: 99, limit: 100 })).toBe("full");
    expect(urgency({ used: 9, limit: null })).toBe("calm");
  });
});

describe("numbers", () => {
  test("sizes have the unit that keeps them short", () => {
    expect([0, 1_023, 1_024, 4_218_421_248, 1024 ** 6].map(bytes)).toEqual([
      "0 B",
      "1,023 B",
      "1 KiB",
      "3.93 GiB",
      "1,020 PiB",
    ]);
  });

  test("any use at all is at least one per cent", () => {
    expect([percent(0, 10), percent(1, 1_000), percent(1, 3), percent(5, 0)]).toEqual([
      "0 %",
      "1 %",
      "33 %",
      "0 %",
    ]);
  });

  test("typed numbers are read as people write them, and nothing else is a number", () => {
    expect(["", " 12 ", "1,000", "1 000", "x", "-1", "1.5", "1e3"].map(readWhole)).toEqual([
      null,
      12,
      1_000,
      1_000,
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
    expect(["", "0.25", "2", ".5", "-1"].map(readDecimal)).toEqual([null, 0.25, 2, undefined, undefined]);
    expect(isOutside(null, { least: 1, most: 2 })).toBe(false);
    expect(isOutside(null, { least: 1, most: 2, needed: true })).toBe(true);
    expect([0, 1, 2, 3].map((value) => isOutside(value, { least: 1, most: 2 }))).toEqual([
      true,
      false,
      false,
      true,
    ]);
  });
});

describe("a pool's form", () => {
  test("says what is wrong with each field", () => {
    expect(Object.keys(checkPool({ ...emptyPool }))).toEqual(["name", "members"]);
    expect(
      Object.keys(
        checkPool({ ...emptyPool, name: "A", members: "ftp://x", capacity: "-1", weight: "" }),
      ).toSorted(),
    ).toEqual(["capacity", "members", "name", "weight"]);
    expect(checkPool({ ...emptyPool, name: "a", members: "http://10.0.0.1:80\n\n", weight: "1" })).toEqual(
      {},
    );
  });

  test("asks for an image and sound variables where the gateway runs the members", () => {
    const managed = { ...emptyPool, name: "a", kind: "managed" as const };
    expect(checkPool(managed)).toEqual({});
    expect(Object.keys(checkPool(managed, false))).toEqual(["image"]);
    const wrong = { ...managed, image: ":1", replicas: "16", port: "0", cpus: "x" };
    expect(Object.keys(checkPool(wrong))).toEqual(["image", "replicas", "port", "cpus"]);
    const set = (...names: string[]) => ({
      fields: names.map((name, id) => ({ id, name, value: "1" })),
      removed: ["OLD"],
    });
    expect(checkVariables(set("A", "B"), ["OLD"])).toBeUndefined();
    expect(checkVariables(set("A", "A"), [])).toBe("A is here twice.");
    expect(checkVariables(set("A-B"), [])).toContain("A-B");
    expect(environmentPatch(set("A"))).toEqual({ OLD: null, A: "1" });
    expect(environmentPatch(set("OLD"))).toEqual({ OLD: "1" });
  });

  test("changes only what was changed, and takes a limit away by null", () => {
    const had = pool({ capacity: 5 });
    expect(toPoolEdit(poolValues(had), had)).toEqual({});
    expect(toPoolEdit({ ...poolValues(had), capacity: "", weight: "7" }, had)).toEqual({
      capacity: null,
      weight: 7,
    });
    expect(toPoolEdit({ ...poolValues(had), members: "http://b" }, had)).toEqual({ members: ["http://b"] });
  });
});

describe("a plan's form", () => {
  test("refuses what the API would refuse", () => {
    expect(Object.keys(checkPlan({ ...emptyPlan }))).toEqual(["name", "title"]);
    const wrong = { ...emptyPlan, name: "gold", title: "Gold", memory_mib: "15", cpus: "0", pids: "8.5" };
    expect(Object.keys(checkPlan(wrong))).toEqual(["memory_mib", "cpus", "pids"]);
  });

  test("a new plan leaves out what is left empty", () => {
    expect(toCreate({ ...emptyPlan, name: "gold", title: " Gold ", tier: "shared", cpus: "0.5" })).toEqual({
      name: "gold",
      title: "Gold",
      tier: "shared",
      cpus: 0.5,
    });
  });

  test("another network is sent and makes work; a plan for dedicated tenants says none", () => {
    const bare = { ...emptyPlan, name: "bare", title: "Bare", network: "none" };
    expect(toCreate(bare)).toEqual({ name: "bare", title: "Bare", network: "none" });
    expect(toCreate({ ...bare, tier: "dedicated" })).toEqual({
      name: "bare",
      title: "Bare",
      tier: "dedicated",
    });
    const had = plan();
    expect(toEdit({ ...valuesOf(had), network: "per-pool" }, had)).toEqual({ network: "per-pool" });
    const changes = changesOf(had, plan({ network: "per-pool" }));
    expect(changes).toEqual([{ name: "network", before: "Each its own", after: "That of the pool" }]);
    expect(touchesTenants(changes)).toBe(true);
  });

  test("an emptied limit goes back to the settings, and another title makes no work", () => {
    const had = plan({ connection_limit: 20 });
    expect(toEdit(valuesOf(had), had)).toEqual({});
    expect(toEdit({ ...valuesOf(had), connection_limit: "" }, had)).toEqual({ connection_limit: null });
    const titled = changesOf(had, plan({ connection_limit: 20, title: "Other" }));
    expect([titled.map(({ name }) => name), touchesTenants(titled)]).toEqual([["title"], false]);
    const limited = changesOf(had, plan({ connection_limit: null }));
    expect(limited).toEqual([{ name: "connection_limit", before: "20", after: "as the settings say" }]);
    expect(touchesTenants(limited)).toBe(true);
  });
});

describe("topology", () => {
  const node = (id: string, column: TopologyNode["column"]): TopologyNode => ({
    id,
    column,
    title: id,
    lines: [],
    tenants: null,
    failing: 0,
    isBroken: false,
    to: null,
  });

  test("the picture is as high as its longest column, and each column stands in the middle", () => {
    const nodes = [node("a", "entry"), node("p", "places"), node("q", "places"), node("r", "places")];
    expect(heightOf(nodes)).toBe(3 * ROW);
    expect(rowMiddles(1, 3 * ROW)).toEqual([1.5 * ROW]);
    expect(rowMiddles(3, 3 * ROW)).toEqual([0.5 * ROW, 1.5 * ROW, 2.5 * ROW]);
    expect(heightOf([])).toBe(ROW);
  });

  test("lines are drawn where tenants are counted, and without numbers where they are not", () => {
    const places = [
      { id: "pool p", pool: "p" },
      { id: "own", pool: null },
    ];
    const servers = [
      { id: "server a", name: "a" },
      { id: "server b", name: "b" },
    ];
    const shares = [
      { pool: "p", server: "a", tenants: 3, failing: 1 },
      { pool: null, server: "b", tenants: 2, failing: 0 },
    ];
    expect(edgesBetween(places, servers, shares)).toEqual([
      { from: "pool p", to: "server a", tenants: 3, isBroken: true },
      { from: "own", to: "server b", tenants: 2, isBroken: false },
    ]);
    expect(edgesBetween(places, servers, null)).toHaveLength(4);
    expect(edgesBetween(places, servers, null).every((edge) => edge.tenants === null)).toBe(true);
  });

  test("more tenants make a thicker line, within bounds", () => {
    expect(widthOf(0, 100)).toBeLessThan(widthOf(10, 100));
    expect(widthOf(10, 100)).toBeLessThan(widthOf(100, 100));
    expect(widthOf(500, 100)).toBe(widthOf(100, 100));
    expect(widthOf(null, 100)).toBe(widthOf(5, 0));
  });
});
