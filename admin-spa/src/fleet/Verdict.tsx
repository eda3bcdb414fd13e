import { Group, Text } from "@mantine/core";
import { IconAlertTriangle, IconCircleCheck, IconInfoCircle } from "@tabler/icons-react";

const icons = {
  green: IconCircleCheck,
  orange: IconAlertTriangle,
  red: IconAlertTriangle,
  blue: IconInfoCircle,
};

/** The one sentence a report comes down to. */
export function Verdict({ tone, children }: { tone: keyof typeof icons; children: string }) {
  const Icon = icons[tone];
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <Icon size={20} aria-hidden color={`var(--tone-${tone})`} style={{ flex: "none", marginTop: 2 }} />
      <Text fw={600}>{children}</Text>
    </Group>
  );
}
