import { expect, test } from "vitest";
import { openConsole } from "../setup/console";
import { answers, askTenant, call, createTenant, freshKey, reaches, readTenant } from "../setup/stack";

test("many are suspended at once, after a look at whom it touches and whom not", async () => {
  const prefix = freshKey("bulk");
  const keys = ["one", "two", "off"].map((word) => `${prefix}-${word}`);
  const [one = "", two = "", off = ""] = keys;
  await Promise.all(keys.map((key) => createTenant(key, `Bulk ${key}`)));
  const bystander = await createTenant(freshKey("stays"), "Bystander Ltd");
  await call("POST", `/api/gateway/tenants/${off}/suspend`);
  await reaches(off, "suspended");

  await using console = await openConsole();
  const { page } = console;
  await console.open(`/tenants?q=${prefix}`);
  await page.getByRole("checkbox", { name: "Select all rows on this page" }).click();
  const bar = page.getByRole("region", { name: "Selected tenants" });
  await bar.getByText("3 tenants selected").waitFor();
  await bar.getByRole("button", { name: "Suspend…" }).click();

  const dialog = page.getByRole("dialog", { name: "Suspend: 3 tenants" });
  await dialog.getByText("2 tenants will be touched").waitFor();
  await dialog.getByText("1 tenant will be left out").waitFor();
  const submit = dialog.getByRole("button", { name: "Suspend: 2 tenants" });
  expect(await submit.isDisabled(), "the number was not typed yet").toBe(true);
  expect((await readTenant(one)).status, "a preview changes nothing").toBe("active");
  await dialog.getByLabel("Type 2 to confirm").fill("2");
  await submit.click();

  await page.waitForURL("**/batches/*");
  await page.getByRole("main").getByText("3 of 3 tenants done").first().waitFor({ timeout: 60_000 });
  await Promise.all([one, two, off].map((key) => answers(key, 503)));
  expect((await askTenant(bystander.key)).status).toBe(200);
  expect(console.loads()).toBe(0);
});
