import { queryOptions } from "@tanstack/react-query";

/** What the documentation says about a failure code. */
export interface Failure {
  code: string;
  /** The part of the documentation it stands in. */
  section: string;
  meaning: string;
  remedy: string;
  /** Whether the worker tries again by itself: R, A, or P for "needs somebody"; absent where that means nothing. */
  repeats: string | undefined;
}

const cellsOf = (line: string): string[] =>
  line
    .trim()
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));

const codesOf = (cell: string): string[] =>
  Array.from(cell.matchAll(/`([a-z0-9_]+)`/g), ([, code]) => code ?? "");

/** Reads the tables of `gateway/docs/errors.md`, which is the one place where failure codes are explained. */
export function readFailures(markdown: string): Failure[] {
  const failures: Failure[] = [];
  let section = "";
  let columns: string[] = [];
  for (const line of markdown.split("\n")) {
    if (line.startsWith("## ")) section = line.slice(3).trim();
    if (!line.startsWith("|")) {
      columns = [];
      continue;
    }
    const cells = cellsOf(line);
    if (columns.length === 0) {
      columns = cells;
      continue;
    }
    const cell = (name: string) => cells[columns.indexOf(name)] ?? "";
    const repeats = cells[columns.indexOf("")];
    for (const code of codesOf(cell("Code"))) {
      failures.push({
        code,
        section,
        meaning: cell("Meaning"),
        remedy: columns.includes("What to do") ? cell("What to do") : "",
        repeats: repeats && /^[RAP]$/.test(repeats) ? repeats : undefined,
      });
    }
  }
  return failures;
}

/** Every failure code with its explanation. A part of the console's own files, fetched when it is first needed. */
export const failuresQuery = queryOptions({
  queryKey: ["failure-codes"],
  queryFn: async () => {
    const { default: markdown } = await import("../../../gateway/docs/errors.md?raw");
    return readFailures(markdown);
  },
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
});

/** The place of a code in the page of all codes. */
export const failureAnchor = (code: string): string => code;
