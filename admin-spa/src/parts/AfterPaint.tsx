import type { ReactNode } from "react";
import { useAfterPaint } from "./useAfterPaint";

/** What nobody sees before doing something, such as a closed dialog: drawn when the page already stands. */
export function AfterPaint({ children }: { children: ReactNode }) {
  return useAfterPaint() ? children : null;
}
