/** What the router hands over of an address before it is known to be right. */
export type RawSearch = Record<string, unknown>;

/** A parameter of an address as text; absent where it is empty or something else. */
export const asText = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" ? String(value) || undefined : undefined;

/** A parameter that is one of some words; absent where it is not. */
export const asOneOf = <Word extends string>(value: unknown, words: readonly Word[]): Word | undefined =>
  words.find((word) => word === value);

/** A parameter that may be given several times: all of its texts. */
export const asTexts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).flatMap((one) => asText(one) ?? []);

/** Some named texts of an address, those that are there: `textsOf(search, ["q", "cursor"])`. */
export function textsOf<Name extends string>(
  search: RawSearch,
  names: readonly Name[],
): { [name in Name]?: string } {
  const found: { [name in Name]?: string } = {};
  for (const name of names) {
    const value = asText(search[name]);
    if (value !== undefined) found[name] = value;
  }
  return found;
}
