import { Alert, Button, Code, Group, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { type ComponentType, lazy, Suspense, useEffect, useState } from "react";
import { asProblem, type ProblemError } from "../api/problem";
import { text } from "../text";
import { useNow } from "./useNow";

// A page that stands since before a new version finds no file of it: then the problem is told without.
const CopyIcon = lazy<ComponentType<{ value: string; label: string }>>(() =>
  import("./CopyIcon").then(
    (module) => ({ default: module.CopyIcon }),
    () => ({ default: () => null }),
  ),
);

const SECOND_MS = 1_000;

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
  const wait = useWait(problem);
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
            <Suspense>
              <CopyIcon value={problem.instance} label={`${text.problem.copy}: ${text.problem.requestId}`} />
            </Suspense>
          </Group>
        )}
        {wait > 0 && (
          <Text size="sm" className="numeric" aria-live="off">
            {text.problem.retryIn(wait)}
          </Text>
        )}
        {onRetry && (
          <Button variant="default" size="xs" onClick={onRetry} loading={retrying} disabled={wait > 0}>
            {text.problem.retry}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** Whole seconds until the server takes the call again; 0 where it did not ask to wait. */
function useWait(problem: ProblemError): number {
  const { retryAfter, at } = problem;
  const until = retryAfter === null ? 0 : at + retryAfter * SECOND_MS;
  // Still after the wait is over, so that a page that stands open all day does not count on.
  const [isOver, setIsOver] = useState(until <= Date.now());
  const now = useNow(isOver ? 0 : SECOND_MS);
  useEffect(() => setIsOver(until <= now), [until, now]);
  return isOver ? 0 : Math.max(0, Math.ceil((until - now) / SECOND_MS));
}
