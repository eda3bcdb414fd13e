/** One field that differs, with what it was and is; undefined where it was not there. */
export interface Difference {
  field: string;
  before: unknown;
  after: unknown;
}

type Fields = Record<string, unknown> | null | undefined;

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Every field that differs between two states of a thing, those inside of others by a dotted name, in the order of names. */
export function findDifferences(before: Fields, after: Fields, prefix = ""): Difference[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...names].toSorted().flatMap((name) => {
    const was = before?.[name];
    const is = after?.[name];
    const field = `${prefix}${name}`;
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    if (isPlain(was) && isPlain(is)) return findDifferences(was, is, `${field}.`);
    return [{ field, before: was, after: is }];
  });
}

/** A value as one line of text. */
export const asLine = (value: unknown): string =>
  typeof value === "string" ? value : (JSON.stringify(value) ?? "");
