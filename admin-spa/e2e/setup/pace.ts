import { BarePage } from "./bare";

const ROUNDS = 15;
/** What the work takes on the machine that the limits in milliseconds were set on: two cores of a shared server. */
const USUAL_MS = 120;

/** Builds a table, has it laid out and takes it away again: the kinds of work that the console makes for a browser, with
 * none of the console's own code. Comes to the milliseconds of the round in the middle. */
const WORK = `(() => {
  const round = () => {
    const began = performance.now();
    const table = document.createElement("table");
    for (let row = 0; row < 500; row += 1) {
      const line = table.insertRow();
      for (let cell = 0; cell < 8; cell += 1) line.insertCell().textContent = "Cell " + row + " of " + cell;
    }
    document.body.append(table);
    if (table.offsetHeight === 0) throw new Error("nothing was laid out");
    table.remove();
    return performance.now() - began;
  };
  const times = Array.from({ length: ${ROUNDS} }, round);
  return times.sort((one, other) => one - other)[${Math.floor(ROUNDS / 2)}];
})()`;

/** How much slower than usual a browser works on this machine now; 1 where it is as fast or faster. A limit in
 * milliseconds is multiplied by it, so that it judges the console and not who else uses the machine. */
export async function slowness(): Promise<number> {
  await using page = await BarePage.open([]);
  const took = await page.read<number>(WORK);
  process.stdout.write(`a table of 4,000 cells: ${took.toFixed(1)} ms, usually ${USUAL_MS}\n`);
  return Math.max(1, took / USUAL_MS);
}
