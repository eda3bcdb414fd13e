import { startTransition, useEffect, useState } from "react";

/** False until the browser has shown what stands there without it: for what is below, or dear to draw. */
export function useAfterPaint(): boolean {
  const [isPainted, setPainted] = useState(false);
  useEffect(() => {
    const show = () => startTransition(() => setPainted(true));
    // An effect may run before the paint. The next frame's callback runs right before one, so what it puts off comes after.
    // A page that is not in sight is not painted.
    if (document.hidden) return show();
    let timer: number | undefined;
    const frame = window.requestAnimationFrame(() => {
      timer = window.setTimeout(show);
    });
    return () => {
      window.cancelAnimationFrame(frame);
      window.clearTimeout(timer);
    };
  }, []);
  return isPainted;
}
