import { useEffect, useState } from "react";

/**
 * The secret of a link, which stands behind its `#`. It is taken out of the address at once, so that it stays in no history
 * and goes to nobody with the address.
 */
export function useToken(): string {
  const [token] = useState(() => window.location.hash.slice(1));
  useEffect(() => {
    if (token) window.history.replaceState(window.history.state, "", window.location.pathname);
  }, [token]);
  return token;
}
