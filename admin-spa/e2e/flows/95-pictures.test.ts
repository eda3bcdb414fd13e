import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openConsole } from "../setup/console";
import { picturesOf } from "../setup/pages";
import { call, createTenant, stack } from "../setup/stack";

/** Names that read well in a picture. */
const companies = [
  ["acme", "Acme Corporation"],
  ["globex", "Globex"],
  ["initech", "Initech"],
  ["umbrella", "Umbrella Health"],
  ["hooli", "Hooli"],
] as const;

test.skipIf(!stack.pictures)("ten pages are taken for the documentation", async () => {
  const directory = stack.pictures ?? "";
  mkdirSync(directory, { recursive: true });
  for (const [key, name] of companies) {
    const { items } = await call<{ items: unknown[] }>("GET", `/api/gateway/tenants?q=${key}`);
    if (items.length === 0) await createTenant(key, name);
  }
  await call("POST", "/api/gateway/jobs", { kind: "verify", parameters: {} });
  for (const { file, address, scheme, width } of picturesOf({ tenant: "acme" })) {
    await using console = await openConsole({ scheme, width, height: width < 500 ? 844 : 900 });
    await console.open(address);
    const picture = await console.page.screenshot({
      path: join(directory, `${file}.png`),
      animations: "disabled",
      caret: "hide",
    });
    expect(picture.length, file).toBeGreaterThan(5_000);
  }
});
