// Pages are loaded when they are opened. A server that was updated meanwhile has other files than the console that is open.

const NOTE = "gateway.reloaded";
/** A second reload so soon would not help either. */
const PAUSE_MS = 5 * 60_000;

/** As Chromium, Firefox, Safari and the loader of the build word it; none of them gives a code. */
const WORDS = [
  "Failed to fetch dynamically imported module",
  "error loading dynamically imported module",
  "Importing a module script failed",
  "Unable to preload CSS",
];

/** Whether an error is that a part of the console could not be loaded. */
export const isMissingPart = (error: unknown): boolean =>
  error instanceof Error && WORDS.some((words) => error.message.includes(words));

/** Whether the console was not reloaded for a missing part in the last minutes. Without a store to note it in, never. */
export function mayReload(): boolean {
  try {
    const last = Number(sessionStorage.getItem(NOTE) ?? 0);
    return !(Date.now() - last < PAUSE_MS);
  } catch {
    return false;
  }
}

/** Notes that the console is about to be reloaded for a missing part; false where there is no room for the note. */
export function noteReload(): boolean {
  try {
    sessionStorage.setItem(NOTE, String(Date.now()));
    return true;
  } catch {
    return false;
  }
}
