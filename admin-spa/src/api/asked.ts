/** What `bootstrap.js` asks before this bundle is loaded. */
type Asked = Partial<Record<"me" | "end", Promise<Response>>>;

declare global {
  interface Window {
    asked?: Asked;
  }
}

/** For a call: the answer that was asked for early, once. Whoever asks again wants to know how it is by then. */
export function takeAsked(what: keyof Asked): { fetch?: () => Promise<Response> } {
  const answer = window.asked?.[what];
  delete window.asked?.[what];
  return answer ? { fetch: () => answer } : {};
}
