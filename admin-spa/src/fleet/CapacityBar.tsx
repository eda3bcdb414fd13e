import { Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { type BarAmount, barParts, urgency } from "./barParts";
import classes from "./CapacityBar.module.css";
import { count, percent } from "./numbers";
import { text } from "./text";

interface CapacityBarProps {
  /** What is counted: "Tenants", "Connections". */
  label: string;
  amount: BarAmount;
  /** Writes one of the numbers with its unit; a plain count when left out. */
  write?: (value: number) => string;
  /** Shown below the bar: since when it was measured, say. */
  note?: ReactNode;
  /** A limit that may be crossed: crossing it is told, and not as an alarm. */
  soft?: boolean;
}

/** How much of something is used, reserved and free, as numbers and as a bar with the limit's line. */
export function CapacityBar({ label, amount, write = count, note, soft = false }: CapacityBarProps) {
  const parts = barParts(amount);
  const urgent = soft ? "calm" : urgency(amount);
  const { used, reserved = 0, limit } = amount;
  const sentence = text.bar.sentence(label, write(used), limit === null ? null : write(limit));
  return (
    <div className={classes.frame} data-urgency={urgent}>
      <div className={classes.head}>
        <Text component="span" size="sm">
          {label}
        </Text>
        <Text component="span" size="sm" className="numeric">
          {urgent !== "calm" && <IconAlertTriangle size={14} aria-hidden className={classes.warning} />}
          <b>{write(used)}</b>
          {limit === null ? ` ${text.bar.noLimit}` : ` ${text.bar.of(write(limit))}`}
        </Text>
      </div>
      <div className={classes.track} role="img" aria-label={sentence} data-limited={parts !== null}>
        {parts && (
          <>
            <span className={classes.used} style={{ width: `${parts.used}%` }} />
            <span className={classes.reserved} style={{ width: `${parts.reserved}%` }} />
            {parts.line !== null && <span className={classes.line} style={{ left: `${parts.line}%` }} />}
          </>
        )}
      </div>
      <Text size="xs" c="dimmed" className="numeric">
        {limit !== null && text.bar.left(write(limit - used - reserved), limit - used - reserved < 0)}
        {limit !== null && limit > 0 && `, ${text.bar.share(percent(used, limit))}`}
        {reserved > 0 && `, ${text.bar.reserved(write(reserved))}`}
        {limit === null && text.bar.noLimitMeaning}
        {note && <> · {note}</>}
      </Text>
    </div>
  );
}
