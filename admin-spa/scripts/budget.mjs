// Fails when the built console outgrows its budget: what the first page loads, and each page loaded later.
import { readFileSync } from "node:fs";

const KIB = 1024;
const FIRST_LOAD_JS = 230 * KIB;
const FIRST_LOAD_CSS = 40 * KIB;
const LATER_PAGE_JS = 60 * KIB;
// The viewer of the API's document, which no page of the console loads.
const DOCS_JS = 480 * KIB;

const dist = new URL("../dist/", import.meta.url);
const sizes = JSON.parse(readFileSync(new URL("sizes.json", dist), "utf8"));
const html = readFileSync(new URL("index.html", dist), "utf8");

const first = new Set([...html.matchAll(/(?:src|href)="\/([^"]+)"/g)].map((match) => match[1]));
const gzip = (names) => names.reduce((sum, name) => sum + sizes[name].gzip, 0);
const isDocs = (name) => name.startsWith("docs/");
const all = Object.keys(sizes);
const names = all.filter((name) => !isDocs(name));
const scripts = names.filter((name) => name.endsWith(".js"));

const lines = [
  ["first load, scripts", gzip(scripts.filter((name) => first.has(name))), FIRST_LOAD_JS],
  ["first load, styles", gzip(names.filter((name) => name.endsWith(".css"))), FIRST_LOAD_CSS],
  ...scripts
    .filter((name) => !first.has(name))
    .map((name) => [`later, ${name}`, gzip([name]), LATER_PAGE_JS]),
  ["API document, scripts", gzip(all.filter((name) => isDocs(name) && name.endsWith(".js"))), DOCS_JS],
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
