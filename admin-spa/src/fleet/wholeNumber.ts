/** Reads a whole number as people type it; null for an empty field, undefined for anything that is none. */
export function readWhole(typed: string): number | null | undefined {
  const plain = typed.trim().replaceAll(/[ _,]/g, "");
  if (plain === "") return null;
  return /^\d{1,12}$/.test(plain) ? Number(plain) : undefined;
}

/** Reads a number that may have decimals, likewise. */
export function readDecimal(typed: string): number | null | undefined {
  const plain = typed.trim();
  if (plain === "") return null;
  return /^\d{1,9}(\.\d{1,6})?$/.test(plain) ? Number(plain) : undefined;
}

/** Whether a number that was read is missing where it is needed, no number, or out of its range. */
export function isOutside(
  value: number | null | undefined,
  { least, most, needed = false }: { least: number; most: number; needed?: boolean },
): boolean {
  if (value === null) return needed;
  return value === undefined || value < least || value > most;
}
