import { useEffect, useRef } from "react";
import classes from "./RowCheck.module.css";

interface RowCheckProps {
  label: string;
  isChecked: boolean;
  /** Neither all nor none of what it stands for. */
  isPartly?: boolean;
  /** With Shift it is meant for a range. */
  onToggle: (range: boolean) => void;
}

/** A checkbox of a table. The browser's own: a page has one in each row. */
export function RowCheck({ label, isChecked, isPartly = false, onToggle }: RowCheckProps) {
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (box.current) box.current.indeterminate = isPartly;
  }, [isPartly]);
  return (
    <input
      ref={box}
      type="checkbox"
      className={classes.box}
      aria-label={label}
      checked={isChecked}
      onChange={() => {}}
      onClick={(event) => onToggle(event.shiftKey)}
    />
  );
}
