import { Alert, Button, Code, Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { asProblem } from "../api/problem";
import { text } from "../text";
import { CopyIcon } from "./CopyIcon";

interface ProblemAlertProps {
  error: unknown;
  /** Replaces the server's title where the page knows better what was attempted. */
  title?: string;
  /** Offers another try. */
  onRetry?: (() => void) | undefined;
  retrying?: boolean;
}

/** What went wrong: title, detail, the request id to look for in the server's log, and a way on. */
export function ProblemAlert({ error, title, onRetry, retrying = false }: ProblemAlertProps) {
  const problem = asProblem(error);
  const detail = title ? (problem.detail ?? problem.title) : problem.detail;
  return (
    <Alert
      variant="outline"
      color="var(--tone-red)"
      role="alert"
      icon={<IconAlertTriangle aria-hidden />}
      title={title ?? problem.title}
    >
      <Stack gap="xs" align="flex-start">
        {detail && <Text size="sm">{detail}</Text>}
        {problem.errors.map((entry) => (
          <Text size="sm" key={`${entry.pointer}${entry.code}`}>
            {entry.message}
          </Text>
        ))}
        {problem.instance && (
          <Group gap={4}>
            <Text size="sm" c="dimmed" component="span">
              {text.problem.requestId}
            </Text>
            <Code className="wrap-anywhere">{problem.instance}</Code>
            <CopyIcon value={problem.instance} label={`${text.problem.copy}: ${text.problem.requestId}`} />
          </Group>
        )}
        {onRetry && (
          <Button variant="default" size="xs" onClick={onRetry} loading={retrying}>
            {text.problem.retry}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}
