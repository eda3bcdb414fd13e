import { Paper, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { CommandLine } from "./CommandLine";

interface EmptyStateProps {
  title: string;
  /** What this is and why there is none. */
  children: ReactNode;
  /** The one button that leads on. */
  action?: ReactNode;
  /** The command that does the same. */
  cli?: string;
}

/** Stands where a list has nothing to show. */
export function EmptyState({ title, children, action, cli }: EmptyStateProps) {
  return (
    <Paper withBorder p="xl" bg="var(--surface)">
      <Stack align="flex-start" gap="sm">
        <Title order={2} size="h4">
          {title}
        </Title>
        <Text maw="36rem">{children}</Text>
        {action}
        {cli && <CommandLine label={title} command={cli} />}
      </Stack>
    </Paper>
  );
}
