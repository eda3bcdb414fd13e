// Writes a .br and a .gz beside every compressible file of dist/, and dist/sizes.json with what each one weighs.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const DIST = fileURLToPath(new URL("../dist", import.meta.url));
const COMPRESSIBLE = /\.(html|js|css|svg|json|txt|webmanifest)$/;
const MANIFEST = "sizes.json";

const files = readdirSync(DIST, { recursive: true })
  .map((name) => join(DIST, name))
  .filter((path) => statSync(path).isFile() && !/\.(br|gz)$/.test(path) && !path.endsWith(MANIFEST))
  .sort();

const sizes = {};
for (const path of files) {
  const raw = readFileSync(path);
  const entry = { raw: raw.length };
  if (COMPRESSIBLE.test(path)) {
    const brotli = brotliCompressSync(raw, {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: raw.length,
      },
    });
    const gzip = gzipSync(raw, { level: constants.Z_BEST_COMPRESSION });
    entry.brotli = brotli.length;
    entry.gzip = gzip.length;
    // A sibling larger than its file would make every response slower.
    if (brotli.length < raw.length) writeFileSync(`${path}.br`, brotli);
    if (gzip.length < raw.length) writeFileSync(`${path}.gz`, gzip);
  }
  sizes[relative(DIST, path).split(sep).join("/")] = entry;
}
writeFileSync(join(DIST, MANIFEST), `${JSON.stringify(sizes, null, 2)}\n`);
console.log(`compressed ${files.length} files`);
