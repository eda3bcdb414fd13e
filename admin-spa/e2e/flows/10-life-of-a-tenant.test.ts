import { expect, test } from "vitest";
import { goTo, openConsole } from "../setup/console";
import { answers, freshKey, tenantUrl } from "../setup/stack";

test("a tenant is made in the browser, seen to become active, opened, suspended and reactivated", async () => {
  const key = freshKey("life");
  await using console = await openConsole();
  const { page, context } = console;

  await console.open("/tenants");
  await page.getByRole("link", { name: "New tenant" }).first().click();
  await page.getByLabel("Company name").fill("Life & Sons <Ltd>");
  await page.getByRole("textbox", { name: /^Key/ }).fill(key);
  await page.getByRole("button", { name: `Create ${key}` }).click();
  await page.waitForURL(`**/tenants/${key}/provisioning`);

  // The page follows by itself: the timeline runs and the status becomes active without a reload.
  const main = page.getByRole("main");
  await main.getByText("Active", { exact: true }).first().waitFor({ timeout: 120_000 });
  await main.getByText("Life & Sons <Ltd>").first().waitFor();

  const opened = await context.newPage();
  const served = await goTo(opened, tenantUrl(key));
  expect(served.status()).toBe(200);
  await opened.close();

  const tabs = page.getByRole("navigation", { name: "Parts of this tenant" });
  await tabs.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("button", { name: "Suspend…" }).click();
  await page
    .getByRole("dialog")
    .getByRole("button", { name: `Suspend ${key}` })
    .click();
  await main.getByText("Suspended", { exact: true }).first().waitFor();
  const page503 = await answers(key, 503);
  expect(page503.text).toContain("<html");

  await page.getByRole("button", { name: "Reactivate" }).first().click();
  await main.getByText("Active", { exact: true }).first().waitFor({ timeout: 120_000 });
  await answers(key, 200);
  expect(console.loads()).toBe(0);
});
