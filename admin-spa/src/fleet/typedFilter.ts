import type { Typed } from "../parts/tokens";

/** The filters of an address as the search line shows them: a tenant's key is the line's words, the others are chips. */
export function toTyped(filter: { tenant?: string } & Readonly<Record<string, string | undefined>>): Typed {
  const { tenant, ...others } = filter;
  const tokens = Object.entries(others).flatMap(([name, value]) => (value ? [{ name, value }] : []));
  return { tokens, words: tenant ?? "" };
}

/** What was typed as filters of an address. */
export function toFilter<Name extends string>(
  { tokens, words }: Typed,
  names: readonly Name[],
): { [name in Name | "tenant"]?: string } {
  const known = tokens.filter(({ name }) => names.some((one) => one === name));
  const chosen = Object.fromEntries(known.map(({ name, value }) => [name, value]));
  return { ...chosen, ...(words ? { tenant: words } : {}) } as { [name in Name | "tenant"]?: string };
}
