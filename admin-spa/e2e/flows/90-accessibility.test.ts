import { beforeAll, describe, expect, test } from "vitest";
import { findViolations } from "../setup/axe";
import { openConsole } from "../setup/console";
import { closedPages, pagesOf } from "../setup/pages";
import { call, createTenant, freshKey, stack } from "../setup/stack";
import { failTenant } from "../setup/town";

interface Thing {
  id: string;
}

let pages: ReturnType<typeof pagesOf>;

beforeAll(async () => {
  const post = <T>(path: string, body: object) => call<T>("POST", `/api/gateway/${path}`, body);
  const tenant = await createTenant(freshKey("axe"), "Accessible Ltd");
  const dedicated = await createTenant(freshKey("axe"), "Accessible & Apart Ltd", { tier: "dedicated" });
  const failed = await failTenant(freshKey("axe"), "Accessible, but Not Yet Ltd");
  const job = await post<Thing>("jobs", { kind: "verify", parameters: { quick: true } });
  const operations = await call<{ items: Thing[] }>("GET", `/api/gateway/operations?tenant=${tenant.key}`);
  const batch = await post<Thing>("tenants:batch", { verb: "resume", tenants: [tenant.key] });
  const made = await post<{ api_key: Thing }>("api-keys", { name: "accessible", scopes: ["tenants:read"] });
  await post("public/signup", { company_name: `Newcomer ${tenant.key}` });
  const signups = await call<{ items: Thing[] }>("GET", "/api/gateway/signups");
  pages = pagesOf({
    tenant: tenant.key,
    dedicated: dedicated.key,
    failed,
    job: job.id,
    operation: operations.items[0]?.id ?? "",
    batch: batch.id,
    apiKey: made.api_key.id,
    signup: signups.items[0]?.id ?? "",
    user: stack.email,
  });
}, 240_000);

const looks = [
  { look: "in light colours", scheme: "light", width: 1440 },
  { look: "in dark colours", scheme: "dark", width: 1440 },
  { look: "320 px wide", scheme: "light", width: 320 },
  { look: "320 px wide in dark colours", scheme: "dark", width: 320 },
] as const;

describe.each(looks)("every page $look", ({ scheme, width }) => {
  test("has nothing that axe finds, and nothing that sticks out", async () => {
    // Each finding once, with the pages it is on: most stand in what surrounds every page.
    const found = new Map<string, string[]>();
    const note = (finding: string, name: string) => found.set(finding, [...(found.get(finding) ?? []), name]);
    for (const signedOut of [false, true]) {
      await using console = await openConsole({ scheme, width, signedOut });
      const { page } = console;
      for (const shown of signedOut ? closedPages : pages) {
        await console.open(shown.address);
        for (const violation of await findViolations(page)) note(violation, shown.name);
        // WCAG 1.4.10: at 320 px nothing but tables and pictures scrolls sideways, and those within themselves.
        const sticksOut = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        if (sticksOut > 0) note(`${sticksOut} px wider than the window`, shown.name);
      }
    }
    const told = [...found].map(([finding, names]) => `${finding}: on ${names.join(", ")}`);
    expect(told.join("\n")).toBe("");
  }, 900_000);
});
