import { expect, test } from "vitest";
import { openConsole } from "../setup/console";
import { ask, freshKey } from "../setup/stack";

test("a key that is in use is refused from the moment it is revoked", async () => {
  const name = freshKey("billing");
  await using console = await openConsole();
  const { page } = console;
  await console.open("/keys/new");
  await page.getByRole("textbox", { name: /^Name/ }).fill(name);
  await page.getByRole("checkbox", { name: /tenants:read/ }).click();
  await page.getByRole("button", { name: "Make the key" }).click();
  const shown = page.getByRole("dialog", { name: `The key “${name}”` });
  const secret = /gwk_[\w-]+/.exec((await shown.getByText(/^gwk_/).first().textContent()) ?? "")?.[0] ?? "";
  const read = () => ask("GET", "/api/gateway/tenants?limit=1", undefined, secret);
  expect((await read()).status).toBe(200);
  expect((await ask("POST", "/api/gateway/tenants", {}, secret)).status, "it may only read").toBe(403);

  await shown.getByRole("checkbox", { name: "I have copied it" }).click();
  await shown.getByRole("button", { name: "Done" }).click();
  await page.waitForURL(/\/keys\/(?!new)/);
  await page.getByRole("button", { name: "Revoke…" }).click();
  const dialog = page.getByRole("dialog", { name: `Revoke “${name}”?` });
  const submit = dialog.getByRole("button", { name: `Revoke ${name}` });
  expect(await submit.isDisabled()).toBe(true);
  expect((await read()).status, "asking changes nothing").toBe(200);
  await dialog.getByLabel(`Type ${name} to confirm`).fill(name);
  await submit.click();
  await page.getByRole("main").getByText("Revoked", { exact: true }).first().waitFor();
  expect((await read()).status).toBe(401);

  // The secret was shown once: nothing of it is on the pages about the key.
  expect(await page.content()).not.toContain(secret);
  expect(console.loads()).toBe(0);
});
