// Holds the API's document against the rules of OpenAPI and those of this project. Any finding fails.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { createConfig, formatProblems, getTotals, lint } from "@redocly/openapi-core";

const DOCUMENT = fileURLToPath(new URL("../../gateway/docs/admin-api.json", import.meta.url));

const config = await createConfig({
  extends: ["recommended-strict"],
  rules: {
    // Each installation has an address of its own.
    "no-empty-servers": "off",
    // Every operation says "default" for all of its refusals; those that deserve a word have a line of their own.
    "operation-4xx-response": "off",
    "operation-description": "off",
    "operation-operationId": "error",
    "operation-operationId-unique": "error",
    "operation-operationId-url-safe": "error",
    "operation-summary": "error",
    "operation-tag-defined": "error",
    "no-ambiguous-paths": "error",
    "no-identical-paths": "error",
    "no-http-verbs-in-paths": "off",
    "no-unresolved-refs": "error",
    "no-unused-components": "error",
    "no-invalid-media-type-examples": "error",
    "no-invalid-schema-examples": "error",
    "no-invalid-parameter-examples": "error",
    "no-enum-type-mismatch": "error",
    "no-required-schema-properties-undefined": "error",
    "parameter-description": "error",
    "path-declaration-must-exist": "error",
    "path-not-include-query": "error",
    // Held below: it knows no verbs about a whole list, such as /tenants:batch.
    "paths-kebab-case": "off",
    "response-contains-property": "off",
    "security-defined": "error",
    "tag-description": "error",
    "rule/operation-id-case": {
      subject: { type: "Operation", property: "operationId" },
      assertions: { pattern: "/^[a-z]+(_[a-z]+)*$/" },
    },
    "rule/summary-length": {
      subject: { type: "Operation", property: "summary" },
      assertions: { maxLength: 72, pattern: "/[^.]$/" },
    },
  },
});
const problems = await lint({ ref: DOCUMENT, config });
const totals = getTotals(problems);
formatProblems(problems, { format: "stylish", totals, version: "" });

const SEGMENT = /^([a-z0-9]+(-[a-z0-9]+)*(\.json)?(:[a-z]+)?|\{[a-z_]+\})$/;
const paths = Object.keys(JSON.parse(readFileSync(DOCUMENT, "utf8")).paths);
const odd = paths.filter(
  (path) =>
    !path
      .slice(1)
      .split("/")
      .every((segment) => SEGMENT.test(segment)),
);
for (const path of odd) console.error(`${path}: its parts must be in kebab-case`);
if (totals.errors + totals.warnings + odd.length > 0) process.exitCode = 1;
