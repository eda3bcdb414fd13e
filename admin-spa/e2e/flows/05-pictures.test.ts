import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openConsole } from "../setup/console";
import { pictures } from "../setup/pages";
import { stack } from "../setup/stack";
import { buildTown } from "../setup/town";

/** A picture that is larger shows more than one can take in, and makes every clone slow. */
const MOST_BYTES = 200 * 1024;

test.skipIf(!stack.pictures)(
  "ten pages are taken for the documentation",
  async () => {
    const directory = stack.pictures ?? "";
    mkdirSync(directory, { recursive: true });
    await buildTown();
    for (const { file, address, scheme, width } of pictures) {
      await using console = await openConsole({ scheme, width, height: width < 500 ? 844 : 900 });
      await console.open(address);
      await console.page.locator("header [data-environment]").waitFor();
      await console.page.locator('header [data-state="live"]').waitFor();
      const picture = await console.page.screenshot({
        path: join(directory, `${file}.png`),
        animations: "disabled",
        caret: "hide",
      });
      expect(picture.length, file).toBeGreaterThan(5_000);
      expect(picture.length, file).toBeLessThan(MOST_BYTES);
    }
  },
  900_000,
);
