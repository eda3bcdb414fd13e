import { useEffect, useState } from "react";

interface RowKeys {
  /** The rows from top to bottom. */
  keys: readonly string[];
  /** Enter. */
  onOpen?: (key: string) => void;
  /** Space. */
  onPeek?: (key: string) => void;
  /** X; with Shift the rows from the one before. */
  onSelect?: (key: string, range: boolean) => void;
}

/** Whether keys belong to what has the focus: somebody types, or a dialog or menu is open. */
function isTaken(event: KeyboardEvent): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return true;
  const target = event.target instanceof Element ? event.target : null;
  if (
    target?.closest(
      "input:not([type=checkbox]), textarea, select, [contenteditable], [role=menu], [role=dialog]",
    )
  )
    return true;
  return document.querySelector("[role=dialog], [role=menu]") !== null;
}

/** Moves through the rows of a page's table by J and K; gives the row the keyboard is on. */
export function useRowKeys({ keys, onOpen, onPeek, onSelect }: RowKeys): string | undefined {
  const [current, setCurrent] = useState<string>();
  useEffect(() => {
    const move = (by: number) => {
      const at = current === undefined ? -1 : keys.indexOf(current);
      const next =
        keys[at < 0 ? (by > 0 ? 0 : keys.length - 1) : Math.min(keys.length - 1, Math.max(0, at + by))];
      if (next === undefined) return;
      setCurrent(next);
      document.querySelector(`[data-row="${CSS.escape(next)}"]`)?.scrollIntoView({ block: "nearest" });
    };
    const listen = (event: KeyboardEvent) => {
      if (isTaken(event)) return;
      // A focused link or button keeps its own Enter and Space.
      const onControl =
        event.target instanceof Element && event.target.closest("a, button, summary, input") !== null;
      const key = event.key.toLowerCase();
      if (key === "j") move(1);
      else if (key === "k") move(-1);
      else if (current === undefined || !keys.includes(current)) return;
      else if (key === "x" && onSelect) onSelect(current, event.shiftKey);
      else if (key === "enter" && onOpen && !onControl) onOpen(current);
      else if (key === " " && onPeek && !onControl) onPeek(current);
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", listen);
    return () => document.removeEventListener("keydown", listen);
  }, [current, keys, onOpen, onPeek, onSelect]);
  return current !== undefined && keys.includes(current) ? current : undefined;
}
