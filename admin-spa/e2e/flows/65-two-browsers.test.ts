import { expect, test } from "vitest";
import { openConsole } from "../setup/console";
import { freshKey, reaches } from "../setup/stack";

test("what one does is seen by the other without loading anything anew", async () => {
  const key = freshKey("both");
  await using mine = await openConsole();
  await using yours = await openConsole({ scheme: "dark" });

  await yours.open(`/tenants?q=${key}`);
  await yours.page.getByText("No tenant matches").first().waitFor();
  await mine.open("/tenants/new");
  await mine.page.getByLabel("Company name").fill("Seen by Both");
  await mine.page.getByRole("textbox", { name: /^Key/ }).fill(key);
  await mine.page.getByRole("button", { name: `Create ${key}` }).click();
  await mine.page.waitForURL(`**/tenants/${key}/provisioning`);

  // Yours: the row comes by itself and becomes active by itself.
  const row = yours.page.getByRole("row").filter({ hasText: key });
  await row.getByText("Seen by Both").waitFor();
  await row.getByText("Active", { exact: true }).waitFor({ timeout: 120_000 });
  await reaches(key, "active");

  // Yours acts, mine sees.
  await row.getByRole("link", { name: key }).first().click();
  await yours.page
    .getByRole("navigation", { name: "Parts of this tenant" })
    .getByRole("link", { name: "Settings" })
    .click();
  await yours.page.getByLabel("Company name").fill("Renamed by the Other");
  await yours.page.getByRole("button", { name: "Save", exact: true }).click();
  await mine.page.getByRole("main").getByText("Renamed by the Other").first().waitFor();
  await yours.page.getByRole("button", { name: "Pause", exact: true }).click();
  await mine.page.getByRole("main").getByText("Paused").first().waitFor();

  // And back: mine resumes, yours sees that there is something to pause again.
  await mine.page
    .getByRole("navigation", { name: "Parts of this tenant" })
    .getByRole("link", { name: "Settings" })
    .click();
  await mine.page.getByRole("button", { name: "Resume", exact: true }).first().click();
  await yours.page.getByRole("button", { name: "Pause", exact: true }).first().waitFor();
  expect([mine.loads(), yours.loads()]).toEqual([0, 0]);
});
