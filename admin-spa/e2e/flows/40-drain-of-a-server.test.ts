import { expect, test } from "vitest";
import { openConsole } from "../setup/console";
import { isOnSecond } from "../setup/parts";
import { addSecondServer, call, createTenant, freshKey, readTenant, stack } from "../setup/stack";

const readState = async (): Promise<string> =>
  (await call<{ state: string }>("GET", "/api/gateway/database-servers/default")).state;

test("a database server that is drained keeps its tenants and gets no new ones", async () => {
  await addSecondServer();
  const early = await createTenant(freshKey("early"), "Early Ltd");
  const place = await isOnSecond(early);
  await using console = await openConsole();
  const { page } = console;

  await console.open("/database-servers/default");
  await page.getByRole("button", { name: "Drain…" }).click();
  const dialog = page.getByRole("dialog", { name: "Drain default?" });
  await dialog.getByText(`New tenants are placed on ${stack.secondName}.`).waitFor();
  expect(await readState(), "asking changes nothing").toBe("active");
  await dialog.getByRole("button", { name: "Drain default" }).click();
  await page.getByRole("main").getByText("Draining", { exact: true }).waitFor();
  expect(await readState()).toBe("draining");

  const late = ["a", "b", "c"].map((word) => createTenant(freshKey(`late-${word}`), "Late Ltd"));
  expect(await Promise.all((await Promise.all(late)).map(isOnSecond))).toEqual([true, true, true]);
  expect((await readTenant(early.key)).status).toBe("active");
  expect(await isOnSecond(early)).toBe(place);

  await page.getByRole("button", { name: "Start" }).click();
  await page.getByRole("button", { name: "Drain…" }).waitFor();
  expect(await readState()).toBe("active");
  expect(console.loads()).toBe(0);
});
