import { beforeAll, describe, expect, test } from "vitest";
import { findViolations } from "../setup/axe";
import { openConsole } from "../setup/console";
import { pagesOf } from "../setup/pages";
import { call, createTenant, freshKey } from "../setup/stack";

let pages: ReturnType<typeof pagesOf>;

beforeAll(async () => {
  const { key } = await createTenant(freshKey("axe"), "Accessible Ltd");
  const job = await call<{ id: string }>("POST", "/api/gateway/jobs", {
    kind: "verify",
    parameters: { quick: true },
  });
  pages = pagesOf({ tenant: key, job: job.id });
}, 240_000);

const looks = [
  { look: "in light colours", scheme: "light", width: 1440 },
  { look: "in dark colours", scheme: "dark", width: 1440 },
  { look: "320 px wide", scheme: "light", width: 320 },
] as const;

describe.each(looks)("every page $look", ({ scheme, width }) => {
  test("has nothing that axe finds, and nothing that sticks out", async () => {
    await using console = await openConsole({ scheme, width });
    const { page } = console;
    // Each finding once, with the pages it is on: most stand in what surrounds every page.
    const found = new Map<string, string[]>();
    const note = (finding: string, name: string) => found.set(finding, [...(found.get(finding) ?? []), name]);
    for (const shown of pages) {
      await console.open(shown.address);
      const violations = await findViolations(page);
      for (const violation of violations) note(violation, shown.name);
      // WCAG 1.4.10: at 320 px nothing but tables and pictures scrolls sideways, and those within themselves.
      const sticksOut = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (sticksOut > 0) note(`${sticksOut} px wider than the window`, shown.name);
    }
    const told = [...found].map(([finding, names]) => `${finding}: on ${names.join(", ")}`);
    expect(told.join("\n")).toBe("");
  });
});

test("the login page too, in both schemes", async () => {
  for (const scheme of ["light", "dark"] as const) {
    await using console = await openConsole({ scheme, signedOut: true });
    await console.open("/login");
    expect(await findViolations(console.page)).toEqual([]);
  }
});
