import { Group, Text } from "@mantine/core";
import { CapacityBar } from "../fleet/CapacityBar";
import { count } from "../fleet/numbers";
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
  const note = dated && measured_at && (
    <>
      {text.page.measured} <TimeAgo at={measured_at} />
    </>
  );
  // Nothing to compare with: a number says it, a bar would not.
  if (typeof limit !== "number") {
    return (
      <div>
        <Group justify="space-between" gap="xs">
          <Text size="sm">{label}</Text>
          <Text size="sm" fw={700} className="numeric">
            {(write ?? count)(used)}
          </Text>
        </Group>
        {note && (
          <Text size="xs" c="dimmed">
            {note}
          </Text>
        )}
      </div>
    );
  }
  return (
    <CapacityBar
      label={label}
      amount={{ used, reserved, limit }}
      soft={soft}
      {...(write ? { write } : {})}
      note={note}
    />
  );
}
