// Fails when the built console outgrows its budget: what the first page loads, and each page loaded later with all it needs.
import { readFileSync } from "node:fs";

const KB = 1000;
const FIRST_SIGHT_JS = 165 * KB;
const FIRST_LOAD_JS = 230 * KB;
const FIRST_LOAD_CSS = 40 * KB;
const LATER_PAGE_JS = 60 * KB;
// The viewer of the API's document, which no page of the console loads.
const DOCS_JS = 480 * KB;

/** Files that a script cannot run without, and those it loads when it comes to that. */
const NEEDED = /\b(?:from|import)\s*["']\.\/([^"']+\.js)["']/g;
const LATER = /\bimport\(\s*["'`]\.\/([^"'`]+\.js)["'`]\s*\)/g;

const dist = new URL("../dist/", import.meta.url);
const sizes = JSON.parse(readFileSync(new URL("sizes.json", dist), "utf8"));
const html = readFileSync(new URL("index.html", dist), "utf8");

const all = Object.keys(sizes);
const isDocs = (name) => name.startsWith("docs/");
const isScript = (name) => name.endsWith(".js");
const gzip = (names) => [...names].reduce((sum, name) => sum + sizes[name].gzip, 0);
const named = (name, pattern) =>
  [...readFileSync(new URL(name, dist), "utf8").matchAll(pattern)].map((match) => `assets/${match[1]}`);

/** Scripts with everything they need, again and again. */
function whole(names) {
  const found = new Set();
  const waiting = [...names];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    waiting.push(...named(name, NEEDED));
  }
  return found;
}

const linked = [...html.matchAll(/(?:src|href)="\/([^"]+)"/g)].map((match) => match[1]);
const seen = whole(linked.filter(isScript));
/** What every page loads as soon as it is seen. */
const controls = all.filter((name) => /^assets\/controls-[^/]+\.js$/.test(name));
if (controls.length !== 1) throw new Error(`the controls of the header are ${controls.length} files`);
const first = new Set([...seen, ...whole(controls)]);
const scripts = all.filter((name) => isScript(name) && !isDocs(name));
const pages = new Set(scripts.flatMap((name) => named(name, LATER)));
const unreached = scripts
  .filter((name) => !first.has(name))
  .filter((name) => ![...pages].some((page) => whole([page]).has(name)));
if (pages.size === 0 || unreached.length > 0)
  throw new Error(`nothing is known to load ${unreached.join(", ")}`);

const lines = [
  ["before the first sight, scripts", gzip(seen), FIRST_SIGHT_JS],
  ["first load, scripts", gzip(first), FIRST_LOAD_JS],
  ["first load, styles", gzip(all.filter((name) => name.endsWith(".css") && !isDocs(name))), FIRST_LOAD_CSS],
  ...[...pages].map((name) => [
    `later, ${name} and what it needs`,
    gzip([...whole([name])].filter((one) => !first.has(one))),
    LATER_PAGE_JS,
  ]),
  ["API document, scripts", gzip(all.filter((name) => isDocs(name) && isScript(name))), DOCS_JS],
];

let over = false;
for (const [what, size, limit] of lines) {
  if (size > limit) over = true;
  const verdict = size > limit ? "OVER" : "ok";
  console.log(`${verdict.padEnd(5)}${(size / KB).toFixed(1).padStart(7)} of ${limit / KB} kB gzip  ${what}`);
}
process.exitCode = over ? 1 : 0;
