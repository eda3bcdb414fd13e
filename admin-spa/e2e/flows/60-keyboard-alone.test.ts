import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { openConsole, settled } from "../setup/console";
import { answers, freshKey, stack } from "../setup/stack";

/** More presses than any page has places to stop at. */
const MOST_STOPS = 150;

type Role = Parameters<Page["getByRole"]>[0];

/** Presses Tab until this has the focus, and shows it. */
async function tabTo(page: Page, role: Role, name: string | RegExp): Promise<void> {
  const wanted = page.locator(":focus").and(page.getByRole(role, { name }));
  for (let presses = 0; presses < MOST_STOPS; presses += 1) {
    if ((await wanted.count()) === 1) {
      expect(await wanted.evaluate((element) => element.matches(":focus-visible"))).toBe(true);
      return;
    }
    await page.keyboard.press("Tab");
  }
  throw new Error(`Tab never reaches the ${role} ${name}`);
}

/** Goes to a page by the palette. */
async function goBy(page: Page, words: string): Promise<void> {
  await page.keyboard.press("Control+k");
  const line = page.getByRole("combobox", { name: "Page, tenant, id or action" });
  await line.and(page.locator(":focus")).waitFor();
  await page.keyboard.type(words);
  // Not those of a selection on the page below.
  await page.getByRole("dialog").getByRole("option", { name: words }).first().waitFor();
  await page.keyboard.press("Enter");
  await line.waitFor({ state: "hidden" });
}

test("a tenant is made, watched, suspended and brought back without a pointer", async () => {
  const key = freshKey("keys");
  await using console = await openConsole({ signedOut: true });
  const { page } = console;
  await page.addInitScript(() => {
    for (const kind of ["mousedown", "pointerdown", "touchstart"]) {
      document.addEventListener(
        kind,
        () => document.documentElement.setAttribute("data-pointed", kind),
        true,
      );
    }
  });
  const main = page.getByRole("main");

  await page.goto("/login");
  await tabTo(page, "textbox", "Email");
  await page.keyboard.type(stack.email);
  await page.keyboard.press("Tab");
  await page.keyboard.type(stack.password);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  await settled(page);

  await goBy(page, "New tenant");
  await page.waitForURL("**/tenants/new");
  await tabTo(page, "textbox", "Company name");
  await page.keyboard.type("Keyboard & Co");
  await tabTo(page, "textbox", /^Key/);
  await page.keyboard.press("Control+a");
  await page.keyboard.type(key);
  await page.getByRole("button", { name: `Create ${key}` }).waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/tenants/${key}/provisioning`);
  await main.getByText("Active", { exact: true }).first().waitFor({ timeout: 120_000 });
  await answers(key, 200);

  await tabTo(page, "link", "Settings");
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/tenants/${key}/settings`);
  await tabTo(page, "button", "Suspend…");
  await page.keyboard.press("Enter");
  // The dialog takes the focus, and gives it back to what opened it.
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Suspend…" }).and(page.locator(":focus")).waitFor();
  await page.keyboard.press("Enter");
  await tabTo(page, "button", `Suspend ${key}`);
  await page.keyboard.press("Enter");
  await main.getByText("Suspended", { exact: true }).first().waitFor();
  await answers(key, 503);
  await tabTo(page, "button", "Reactivate");
  await page.keyboard.press("Enter");
  await main.getByText("Active", { exact: true }).first().waitFor({ timeout: 120_000 });
  await answers(key, 200);

  // The list by its keys: search, move, peek, open.
  await goBy(page, "Tenants");
  await page.waitForURL((url) => url.pathname === "/tenants");
  await settled(page);
  await page.keyboard.press("/");
  await page.keyboard.type(key);
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => url.searchParams.get("q") === key);
  const row = page.getByRole("row").filter({ hasText: key });
  await row.waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("j");
  await page.locator("tr[data-current]").filter({ hasText: key }).waitFor();
  await page.keyboard.press("x");
  await page.getByRole("region", { name: "Selected tenants" }).getByText("1 tenant selected").waitFor();
  expect(await page.locator("html").getAttribute("data-pointed")).toBeNull();
});
