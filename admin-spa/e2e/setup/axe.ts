import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults, RunOptions } from "axe-core";
import type { Page } from "playwright-core";

const source = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** WCAG 2.2 at the levels A and AA, and what the makers of axe call best practices. */
const options: RunOptions = {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
};

/** What is wrong with the page as it is, a line each: the rule, its meaning, and the first places. */
export async function findViolations(page: Page): Promise<string[]> {
  // Evaluated by the debugger: the page's policy lets no script in.
  await page.evaluate(source);
  const results = await page.evaluate(
    (how) =>
      (window as never as { axe: { run: (what: Document, how: unknown) => Promise<unknown> } }).axe.run(
        document,
        how,
      ),
    options as never,
  );
  return (results as AxeResults).violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help} (${nodes.length}) ${nodes
        .slice(0, 3)
        .map((node) => `${node.target.join(" ")} ${node.any.map((check) => check.message).join("; ")}`)
        .join(" | ")}`,
  );
}
