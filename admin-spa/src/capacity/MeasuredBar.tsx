import { Text } from "@mantine/core";
import { CapacityBar } from "../fleet/CapacityBar";
import { TimeAgo } from "../parts/TimeAgo";
import type { Amount } from "./api";
import { text } from "./text";

interface MeasuredBarProps {
  label: string;
  amount: Amount;
  /** Neither used nor free. */
  reserved?: number;
  write?: (value: number) => string;
  /** A limit that may be crossed. */
  soft?: boolean;
  /** Says since when it was measured so; left out for what is counted at once. */
  dated?: boolean;
}

/** An amount as a bar, or that nobody has measured it yet. */
export function MeasuredBar({
  label,
  amount,
  reserved,
  write,
  soft = false,
  dated = false,
}: MeasuredBarProps) {
  const { used, limit, measured_at } = amount;
  if (typeof used !== "number") {
    return (
      <Text size="sm">
        {label}:{" "}
        <Text component="span" size="sm" c="dimmed">
          {text.page.unmeasured}
        </Text>
      </Text>
    );
  }
  return (
    <CapacityBar
      label={label}
      amount={{ used, reserved, limit: limit ?? null }}
      soft={soft}
      {...(write ? { write } : {})}
      note={
        dated &&
        measured_at && (
          <>
            {text.page.measured} <TimeAgo at={measured_at} />
          </>
        )
      }
    />
  );
}
