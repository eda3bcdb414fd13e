import { expect, test } from "vitest";
import { openConsole } from "../setup/console";

/** How much slower than this machine the reader's is. */
const SLOWER = 4;
/** From the request to the largest thing on the page. */
const MOST_MS = 1_500;

test("the overview stands within a second and a half on a machine four times as slow", async () => {
  const times: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    await using console = await openConsole();
    const { page, context } = console;
    const debuggee = await context.newCDPSession(page);
    await debuggee.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
    await page.addInitScript(() => {
      new PerformanceObserver((list) => {
        for (const { startTime } of list.getEntries())
          (window as never as { largest: number }).largest = startTime;
      }).observe({ type: "largest-contentful-paint", buffered: true });
    });
    await console.open("/");
    times.push(await page.evaluate(() => (window as never as { largest: number }).largest));
  }
  process.stdout.write(`largest paint: ${times.map((ms) => ms.toFixed(0)).join(", ")} ms\n`);
  // The first browser of a run finds nothing in the machine's caches; the one in the middle tells.
  expect(times.toSorted((one, other) => one - other)[1]).toBeLessThan(MOST_MS);
});
