import { expect, test } from "vitest";
import { openConsole } from "../setup/console";
import { isRouted, networksOf, removeNetwork, removeRoute } from "../setup/parts";
import { answers, createTenant, freshKey, until } from "../setup/stack";

test("what somebody broke by hand is found by a look and made right again from the list of drift", async () => {
  const tenant = await createTenant(freshKey("broken"), "Broken by Hand Ltd");
  expect(await isRouted(tenant.key)).toBe(true);
  const [network] = await networksOf(tenant.id);
  expect(network).toBeDefined();
  await removeNetwork(network ?? "");
  expect(await removeRoute(tenant.key)).toBeGreaterThan(0);
  await until("Traefik has lost the route", async () => ((await isRouted(tenant.key)) ? undefined : true));

  await using console = await openConsole();
  const { page } = console;
  await console.open("/drift");
  await page.getByRole("button", { name: "Look now" }).click();
  // The report of the look, above the list, names the tenant as well.
  const list = page.getByRole("table", { name: "Drift by tenant" });
  const rows = list.getByRole("row").filter({ hasText: tenant.key });
  await rows.filter({ hasText: "Network missing" }).waitFor();
  await rows.filter({ hasText: "Route missing" }).waitFor();
  expect(await networksOf(tenant.id), "a look repairs nothing").toEqual([]);

  await rows
    .first()
    .getByRole("button", { name: `Repair ${tenant.key}` })
    .click();
  await until("Traefik has the route again", async () => (await isRouted(tenant.key)) || undefined);
  await answers(tenant.key, 200);
  // It comes last: a pool serves the tenant without.
  const made = await until("the network is there again", async () => (await networksOf(tenant.id))[0]);
  expect(made).not.toBe(network);
  expect(await networksOf(tenant.id)).toEqual([made]);

  await rows.filter({ hasText: "Repaired" }).first().waitFor();
  await page.getByRole("button", { name: "Look now" }).click();
  await rows.first().waitFor({ state: "hidden" });
  expect(console.loads()).toBe(0);
});
