import { isClosed } from "./isClosed";

/** Where to go after logging in: a path of this console, never another site, never the login itself. */
export function safeTarget(next: string | undefined): string {
  const home = "/";
  if (!next) return home;
  const here = window.location.origin;
  let url: URL;
  try {
    url = new URL(next, here);
  } catch {
    return home;
  }
  if (!next.startsWith("/") || url.origin !== here || isClosed(url.pathname)) return home;
  return `${url.pathname}${url.search}${url.hash}`;
}
