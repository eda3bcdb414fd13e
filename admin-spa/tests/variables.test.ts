import {
  type ConvertCSSVariablesInput,
  DEFAULT_THEME,
  deepMerge,
  defaultCssVariablesResolver,
  mergeMantineTheme,
} from "@mantine/core";
import { expect, test } from "vitest";
import { cssVariables, theme } from "../src/theme";

const block = (selector: string, variables: Record<string, string>) =>
  `${selector} {\n${Object.entries(variables)
    .map(([name, value]) => `  ${name}: ${value};\n`)
    .join("")}}\n`;

/** Those of `all` that the library's own stylesheet does not hold already. */
const others = (all: Record<string, string>, known: Record<string, string>) =>
  Object.fromEntries(Object.entries(all).filter(([name, value]) => known[name] !== value));

test("variables.css holds what follows from the theme; vitest -u writes it anew", async () => {
  const merged = mergeMantineTheme(DEFAULT_THEME, theme);
  const all: ConvertCSSVariablesInput = deepMerge(defaultCssVariablesResolver(merged), cssVariables(merged));
  const known = defaultCssVariablesResolver(DEFAULT_THEME);
  const text = [
    block(":root", others(all.variables, known.variables)),
    block(':root[data-mantine-color-scheme="light"]', others(all.light, known.light)),
    block(':root[data-mantine-color-scheme="dark"]', others(all.dark, known.dark)),
  ];
  await expect(text.join("")).toMatchFileSnapshot("../src/variables.css");
});
