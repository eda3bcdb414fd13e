import type { RailEntry, Scope } from "../area";
import { paletteText } from "./text";

/** What kind of thing an entry leads to; entries of one group stand together. */
type Group = keyof typeof paletteText.groups;

/** Something the palette leads to or does. */
export interface Entry {
  id: string;
  group: Group;
  label: string;
  /** Beside the label: what it is, or a name. */
  more?: string;
  /** Further words it is found by. */
  also?: string;
  go: { to: string } | { act: () => void };
}

const { acts } = paletteText;

const CREATE: readonly { label: string; to: string; scope: Scope }[] = [
  { label: acts.createTenant, to: "/tenants/new", scope: "tenants:write" },
  { label: acts.invite, to: "/users?dialog=invite", scope: "users:write" },
  { label: acts.makeKey, to: "/keys/new", scope: "keys:write" },
  { label: acts.explain, to: "/routes/explain", scope: "fleet:read" },
];

/** The pages somebody may open, and what they may begin. */
export const fixedEntries = (rail: readonly RailEntry[], may: (scope: Scope) => boolean): Entry[] => [
  ...rail.map(
    (entry): Entry => ({
      id: `page ${entry.to}`,
      group: "page",
      label: entry.label,
      ...(entry.also ? { also: entry.also } : {}),
      go: { to: entry.to },
    }),
  ),
  {
    id: "page /account",
    group: "page",
    label: acts.account,
    also: "password totp me",
    go: { to: "/account" },
  },
  ...CREATE.filter(({ scope }) => may(scope)).map(
    ({ label, to }): Entry => ({ id: `act ${to}`, group: "act", label, go: { to } }),
  ),
];

/** The entries whose words begin with each of those typed, in their order; all of them when nothing is typed. */
export function matchEntries(entries: readonly Entry[], typed: string): Entry[] {
  const wanted = wordsOf(typed);
  return entries.filter(({ label, also }) => {
    const words = wordsOf(`${label} ${also ?? ""}`);
    return wanted.every((start) => words.some((word) => word.startsWith(start)));
  });
}

const wordsOf = (line: string): string[] =>
  line
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The id somebody pasted, alone or behind the name of what it is of (`tenant:…`); null where it is none. */
export function readId(typed: string): string | null {
  const last =
    typed
      .trim()
      .split(/[:/#\s]/)
      .at(-1) ?? "";
  return UUID.test(last) ? last.toLowerCase() : null;
}
