import type { Pair } from "../parts/PairFields";
import { text } from "./text";

/** What is to be set in the environment of a pool's containers, and what of it is to be removed. */
export interface Variables {
  fields: readonly Pair[];
  removed: readonly string[];
}

export const noVariables: Variables = { fields: [], removed: [] };

/** Letters, digits and underscore, and no digit at the front. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,99}$/;
/** As many as a pool may have. */
const MOST = 100;

const named = ({ fields }: Variables) =>
  fields.filter(({ name, value }) => name.trim() !== "" || value !== "");

/** What is wrong with variables before they are sent; undefined where nothing is. `kept` were set before. */
export function checkVariables(variables: Variables, kept: readonly string[]): string | undefined {
  const names = named(variables).map(({ name }) => name.trim());
  const wrong = names.find((name) => !NAME.test(name));
  if (wrong !== undefined) return text.variables.nameWrong(wrong);
  const twice = names.find((name, place) => names.indexOf(name) !== place);
  if (twice !== undefined) return text.variables.twice(twice);
  const after = new Set([...kept.filter((name) => !variables.removed.includes(name)), ...names]);
  return after.size > MOST ? text.variables.tooMany(MOST) : undefined;
}

/** Variables by their names, as a new pool takes them; undefined where there are none. */
export function environmentOf(variables: Variables): Record<string, string> | undefined {
  const entries = named(variables).map(({ name, value }) => [name.trim(), value] as const);
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

/** As a merge patch: what is set, and with null what is removed; undefined where neither is. */
export function environmentPatch(variables: Variables): Record<string, string | null> | undefined {
  const set = environmentOf(variables) ?? {};
  const removed = variables.removed.filter((name) => !(name in set)).map((name) => [name, null] as const);
  const patch = { ...Object.fromEntries(removed), ...set };
  return Object.keys(patch).length > 0 ? patch : undefined;
}
