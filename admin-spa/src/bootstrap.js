// Runs before the first paint, as a classic script, while the bundle is still on its way.
(() => {
  // Sets the colour scheme the person chose, so that a page in dark mode never flashes white. The storage key and the
  // attribute are the ones `theme.ts` hands to Mantine.
  let chosen = null;
  try {
    chosen = window.localStorage.getItem("gateway-color-scheme");
  } catch {
    // Storage can be switched off; the system's preference is used then.
  }
  const system = window.matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const scheme = chosen === "light" || chosen === "dark" ? chosen : system;
  document.documentElement.setAttribute("data-mantine-color-scheme", scheme);

  // Every page but those of `isClosed` begins by asking who is signed in, and where the events end (`live/end.ts`).
  const ask = (path) => {
    const answer = fetch(path, {
      headers: { Accept: "application/json, application/problem+json" },
      signal: AbortSignal.timeout(20_000),
    });
    // A failure is told to who takes the answer; nobody may.
    answer.catch(() => {});
    return answer;
  };
  if (!["/login", "/forgotten", "/reset", "/invite"].includes(window.location.pathname)) {
    window.asked = { me: ask("/api/gateway/me"), end: ask("/api/gateway/events?limit=1") };
  }
})();
