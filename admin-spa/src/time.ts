// Made when the first time is shown: making one takes a browser longer than everything else that is done at the start.
let relative: Intl.RelativeTimeFormat | undefined;
let absolute: Intl.DateTimeFormat | undefined;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "3 min. ago", "in 12 sec."; within five seconds of now: "now". */
export function relativeTime(timestamp: string, now: number): string {
  const distance = Date.parse(timestamp) - now;
  const size = Math.abs(distance);
  if (size < 5 * SECOND) return "now";
  relative ??= new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });
  if (size < MINUTE) return relative.format(Math.round(distance / SECOND), "second");
  if (size < HOUR) return relative.format(Math.round(distance / MINUTE), "minute");
  if (size < DAY) return relative.format(Math.round(distance / HOUR), "hour");
  return relative.format(Math.round(distance / DAY), "day");
}

/** Local date and time to the second, followed by the UTC form that logs use. */
export function absoluteTime(timestamp: string): string {
  absolute ??= new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });
  return `${absolute.format(new Date(timestamp))} (${timestamp})`;
}

/** A duration with the unit that keeps two or three digits: "84 ms", "2.4 s", "3 min 5 s". */
export function duration(milliseconds: number): string {
  const length = Math.max(0, milliseconds);
  if (length < SECOND) return `${Math.round(length)} ms`;
  if (length < 10 * SECOND) return `${(length / SECOND).toFixed(1)} s`;
  const seconds = Math.round(length / SECOND);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Milliseconds between two timestamps; up to `now` while the second is still to come. */
export const between = (start: string, end: string | null | undefined, now: number): number =>
  (end ? Date.parse(end) : now) - Date.parse(start);
