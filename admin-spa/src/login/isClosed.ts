const PAGES: readonly string[] = ["/login", "/forgotten", "/reset", "/invite"];

/** Whether a page needs nobody signed in, so that a 401 there is no end of a session. */
export const isClosed = (pathname: string): boolean => PAGES.includes(pathname);
