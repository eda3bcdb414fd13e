import { useCallback, useState } from "react";

/**
 * A value this browser keeps. `read` makes sense of what is stored, whatever that is; a browser that keeps nothing works
 * as well, until the page goes.
 */
export function useStored<Value>(key: string, read: (stored: unknown) => Value) {
  const [value, setValue] = useState<Value>(() => {
    try {
      return read(JSON.parse(localStorage.getItem(key) ?? "null"));
    } catch {
      return read(null);
    }
  });
  const store = useCallback(
    (next: Value) => {
      setValue(next);
      try {
        localStorage.setItem(key, JSON.stringify(next));
      } catch {
        // Full, or not allowed: the choice holds for this visit.
      }
    },
    [key],
  );
  return [value, store] as const;
}
