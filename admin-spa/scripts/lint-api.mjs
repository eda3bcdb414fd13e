// Holds the API's document against the rules of OpenAPI and those of this project. Any finding fails.
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
    "paths-kebab-case": "error",
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
if (totals.errors + totals.warnings > 0) process.exitCode = 1;
