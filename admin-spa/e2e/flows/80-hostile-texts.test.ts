import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import hostile from "../data/hostile.json";
import { type Console, openConsole, settled } from "../setup/console";
import { databaseUrl, sql } from "../setup/parts";
import { ask, askTenant, createTenant, freshKey } from "../setup/stack";

/** What the notes of the demo app hold at most. */
const LONGEST_NOTE = 2_000;
/** Characters that a name and a line of a log cannot hold; the database refuses most of them in names. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** A hostile text as a name of a company: what is left where the database takes no more. */
const asName = (text: string): string => [...text.replace(CONTROL, " ").trim()].slice(0, 200).join("").trim();

const prefix = freshKey("foe");
const rows = hostile.map((text, at) => ({
  key: `${prefix}-${at}`,
  name: asName(text),
  note: text,
  problem: text,
}));

/** Elements that the console has none of below its main landmark: each would have come out of a text. */
const FOREIGN =
  "script, iframe, object, embed, base, link, meta, style:not([data-mantine-styles]), img, video, audio, marquee, template, " +
  "form[action], math, animate, custom-element, [onclick], [onerror], [onload], [onmouseover], [onfocus]";

/** The text of the page's main part; fails when something in it was taken for markup. */
async function readMain(page: Page): Promise<string> {
  const main = page.getByRole("main");
  expect(await main.locator(FOREIGN).count(), "elements made of text").toBe(0);
  return (await main.textContent()) ?? "";
}

/** Goes on within the console, as a link does. */
async function follow(page: Page, address: string, ready: string): Promise<void> {
  await page.evaluate((to) => history.pushState({}, "", to), address);
  await page.getByRole("main").getByText(ready, { exact: true }).first().waitFor();
}

beforeAll(async () => {
  // Past the API, which refuses some of these names. In one transaction: no worker sees a tenant before it is in error.
  await sql(`
    BEGIN;
    CREATE TEMP TABLE foe ON COMMIT DROP AS
      SELECT * FROM json_to_recordset($foe$${JSON.stringify(rows)}$foe$) AS f (key text, name text, note text, problem text);
    INSERT INTO gateway.tenant (key, company_name, notes) SELECT key, name, note FROM foe;
    UPDATE gateway.tenant SET status = 'error' FROM foe WHERE foe.key = tenant.key;
    UPDATE gateway.tenant SET error_message = problem FROM foe WHERE foe.key = tenant.key;
    UPDATE gateway.operation SET error_message = problem FROM foe JOIN gateway.tenant USING (key)
     WHERE operation.tenant_id = tenant.id;
    COMMIT;`);
});

const open = (): Promise<Console> => openConsole({ height: 700 });

test("200 hostile names stand in lists as they are", async () => {
  await using console = await open();
  const { page } = console;
  await console.open(`/tenants?q=${prefix}&sort=key`);
  const shown: string[] = [];
  for (;;) {
    await readMain(page);
    shown.push(...(await page.locator('td[data-label="Company"]').allTextContents()));
    const next = page.getByRole("button", { name: "Next", exact: true });
    if (shown.length >= rows.length || (await next.count()) === 0) break;
    const last = await page.locator("tr[data-row]").last().getAttribute("data-row");
    await next.click();
    await page.locator(`tr[data-row="${last}"]`).waitFor({ state: "detached" });
    // A table draws its first rows at once, and the others of its page when those are seen.
    await settled(page);
  }
  expect(shown.toSorted()).toEqual(rows.map(({ name }) => name).toSorted());

  // What leads elsewhere by a name: the palette, a preview of a bulk wish, the list of operations.
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").getByRole("combobox").and(page.locator(":focus")).waitFor();
  await page.keyboard.type(`${prefix}-1`);
  await page
    .getByRole("option")
    .filter({ hasText: `${prefix}-1` })
    .first()
    .waitFor();
  expect(await page.getByRole("dialog").locator(FOREIGN).count()).toBe(0);
  await page.keyboard.press("Escape");
  await console.open("/operations");
  await readMain(page);
});

test("names, notes and error texts stand on the pages of tenants as they are", async () => {
  await using console = await open();
  const { page } = console;
  await console.open("/tenants");
  for (const { key, name, note, problem } of rows) {
    await follow(page, `/tenants/${key}`, key);
    await page.getByRole("main").getByText("What happened last").waitFor();
    const text = await readMain(page);
    for (const part of [name, note, problem]) expect(text, key).toContain(part);
  }
  expect(console.loads()).toBe(0);
}, 600_000);

test("error texts stand in timelines, and changed notes in the audit log, as they are", async () => {
  const some = rows.filter((_, at) => at % 8 === 0);
  for (const { key, note } of some) {
    const { status } = await ask("PATCH", `/api/gateway/tenants/${key}`, { notes: `${note} (changed)` });
    expect([200, 422], key).toContain(status);
  }
  await using console = await open();
  const { page } = console;
  for (const { key, problem } of some) {
    await console.open(`/tenants/${key}/provisioning`);
    expect(await readMain(page), key).toContain(problem);
  }
  await console.open("/audit?call=edit_tenant");
  const folded = page.getByRole("main").getByRole("button", { expanded: false, name: /Details of/i });
  for (let left = await folded.count(); left > 0; left -= 1) await folded.first().click();
  expect((await readMain(page)).split("(changed)").length).toBeGreaterThan(some.length / 2);
}, 300_000);

test("hostile lines of an app stand in its log as they are", async () => {
  const tenant = await createTenant(freshKey("talks"), "Talkative Ltd", { tier: "dedicated" });
  // The app logs what its database says; here that is what somebody wanted to keep.
  await sql(
    `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION USING MESSAGE = NEW.body; END';
     CREATE TRIGGER refuse BEFORE INSERT ON note FOR EACH ROW EXECUTE FUNCTION refuse();`,
    await databaseUrl(tenant),
  );
  for (const text of hostile) {
    const body = [...text].slice(0, LONGEST_NOTE).join("");
    expect((await askTenant(tenant.key, "/api/notes", { body })).status).toBe(503);
  }

  await using console = await open();
  const { page } = console;
  await console.open(`/tenants/${tenant.key}/logs?lines=1000`);
  const answered = page.waitForResponse(async (response) => {
    if (!/\/logs(\/|$)/.test(new URL(response.url()).pathname) || !response.ok()) return false;
    return ((await response.json()) as { state: string }).state === "succeeded";
  });
  await page.getByRole("button", { name: "Read the log" }).click();
  const { lines } = (await (await answered).json()) as { lines: { text: string }[] };
  const region = page.getByRole("region", { name: `Log of ${tenant.key}` });
  await region.waitFor();
  expect(await region.locator("bdi").allTextContents()).toEqual(lines.map(({ text }) => text));
  expect(await region.locator(FOREIGN).count()).toBe(0);
  // They did get there: whatever has no control characters, which loggers write otherwise.
  const log = lines.map(({ text }) => text).join("\n");
  const plain = hostile.filter(
    (text) => text === text.trim() && text.length < 500 && text.search(CONTROL) < 0,
  );
  expect(plain.length).toBeGreaterThan(150);
  expect(plain.filter((text) => !log.includes(text))).toEqual([]);
}, 300_000);
