// Fails when the built console outgrows its budget: what the first page loads, and each page loaded later.
import { readFileSync } from "node:fs";

const KIB = 1024;
const FIRST_LOAD_JS = 230 * KIB;
const FIRST_LOAD_CSS = 40 * KIB;
const LATER_PAGE_JS = 60 * KIB;

const dist = new URL("../dist/", import.meta.url);
const sizes = JSON.parse(readFileSync(new URL("sizes.json", dist), "utf8"));
const html = readFileSync(new URL("index.html", dist), "utf8");

const first = new Set([...html.matchAll(/(?:src|href)="\/([^"]+)"/g)].map((match) => match[1]));
const gzip = (names) => names.reduce((sum, name) => sum + sizes[name].gzip, 0);
const names = Object.keys(sizes);
const scripts = names.filter((name) => name.endsWith(".js"));

const lines = [
  ["first load, scripts", gzip(scripts.filter((name) => first.has(name))), FIRST_LOAD_JS],
  ["first load, styles", gzip(names.filter((name) => name.endsWith(".css"))), FIRST_LOAD_CSS],
  ...scripts
    .filter((name) => !first.has(name))
    .map((name) => [`later, ${name}`, gzip([name]), LATER_PAGE_JS]),
];

let over = false;
for (const [what, size, limit] of lines) {
  if (size > limit) over = true;
  const verdict = size > limit ? "OVER" : "ok";
  console.log(
    `${verdict.padEnd(5)}${(size / KIB).toFixed(1).padStart(7)} of ${limit / KIB} KiB gzip  ${what}`,
  );
}
process.exitCode = over ? 1 : 0;
