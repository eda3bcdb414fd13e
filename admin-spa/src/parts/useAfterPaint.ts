import { startTransition, useEffect, useState } from "react";

/** False until the browser has shown what stands there without it: for what is below, or dear to draw. */
export function useAfterPaint(): boolean {
  const [isPainted, setPainted] = useState(false);
  useEffect(() => {
    startTransition(() => setPainted(true));
  }, []);
  return isPainted;
}
