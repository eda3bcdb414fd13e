import { expect, test } from "vitest";
import { forgetSession, openConsole } from "../setup/console";

test("logging out everywhere ends the sessions of other browsers at once", async () => {
  await using here = await openConsole({ ownSession: true });
  await using there = await openConsole({ ownSession: true });
  // Also the session that the other flows share.
  forgetSession();
  await there.open("/tenants?status=active");
  const isSignedIn = async (context: typeof there.context) =>
    (await context.request.get("/api/gateway/me")).status();

  await here.open("/");
  await here.page.getByRole("button", { name: /^Account of/ }).click();
  await here.page.getByRole("menuitem", { name: "Log out everywhere…" }).click();
  await here.page
    .getByRole("dialog", { name: "Log out everywhere?" })
    .getByRole("button", { name: "Log out everywhere" })
    .click();
  await here.page.waitForURL("**/login");

  // The other browser is led to the login with its address kept, at the latest by what it does next.
  await there.page.getByRole("link", { name: "Operations" }).first().click();
  await there.page.waitForURL(/\/login\?/);
  expect(new URL(there.page.url()).searchParams.get("next")).toMatch(/^\/(operations|tenants)/);
  expect(await isSignedIn(here.context)).toBe(401);
  expect(await isSignedIn(there.context)).toBe(401);
});
