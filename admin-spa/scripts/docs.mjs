// Puts the page that shows the API's document into dist/docs/: ours, and the viewer with its licence.
import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const viewer = dirname(fileURLToPath(import.meta.resolve("swagger-ui-dist/package.json")));
const target = fileURLToPath(new URL("../dist/docs", import.meta.url));
const SOURCE_MAP = /\n?(\/\/# sourceMappingURL=\S+|\/\*# sourceMappingURL=\S+\*\/)\s*$/;

mkdirSync(target, { recursive: true });
cpSync(fileURLToPath(new URL("../docs", import.meta.url)), target, { recursive: true });
for (const name of ["swagger-ui.css", "swagger-ui-bundle.js"]) {
  // The maps are larger than the files and are not shipped.
  writeFileSync(join(target, name), readFileSync(join(viewer, name), "utf8").replace(SOURCE_MAP, "\n"));
}
for (const [name, shown] of [
  ["LICENSE", "swagger-ui.LICENSE.txt"],
  ["NOTICE", "swagger-ui.NOTICE.txt"],
  ["swagger-ui-bundle.js.LICENSE.txt", "swagger-ui-bundle.js.LICENSE.txt"],
]) {
  copyFileSync(join(viewer, name), join(target, shown));
}
