import { VisuallyHidden } from "@mantine/core";
import { createContext, type ReactNode, use, useCallback, useEffect, useRef, useState } from "react";

const AnnounceContext = createContext<(message: string) => void>(() => {});

/** Screen readers are told at most one thing in this time; later messages replace those still waiting. */
const QUIET_MS = 5_000;

/** Says a short message through the page's one polite live region. */
export const useAnnounce = () => use(AnnounceContext);

/** Holds the live region all pages share. */
export function Announcer({ children }: { children: ReactNode }) {
  const [message, setMessage] = useState("");
  const spoken = useRef(Number.NEGATIVE_INFINITY);
  const timer = useRef<number>(undefined);

  const announce = useCallback((next: string) => {
    window.clearTimeout(timer.current);
    const wait = Math.max(0, spoken.current + QUIET_MS - Date.now());
    timer.current = window.setTimeout(() => {
      spoken.current = Date.now();
      setMessage(next);
    }, wait);
  }, []);
  useEffect(() => () => window.clearTimeout(timer.current), []);

  return (
    <AnnounceContext value={announce}>
      {children}
      <VisuallyHidden role="status" aria-live="polite">
        {message}
      </VisuallyHidden>
    </AnnounceContext>
  );
}
