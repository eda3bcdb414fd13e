import { Alert, Group, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useId, useRef } from "react";
import { isOpen, typicalTimeQuery } from "../api/operations";
import { tenantQuery } from "../api/tenants";
import type { Operation } from "../api/types";
import { useAnnounce } from "../parts/Announcer";
import { Badge } from "../parts/Badge";
import { ProblemAlert } from "../parts/ProblemAlert";
import { AnchorLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import { useNow } from "../parts/useNow";
import { text } from "../text";
import { between, duration } from "../time";
import { stepProgress } from "./coming";
import { FailureHint } from "./FailureHint";
import { operationLooks } from "./looks";
import { OperationActions } from "./OperationActions";
import { ProgressBar } from "./ProgressBar";
import { Timeline } from "./Timeline";
import { operationsText as words } from "./text";
import { useOperation } from "./useOperation";

const TICK_MS = 1_000;

interface OperationPanelProps {
  id: string;
  /** Whether its own page is elsewhere, so that a link leads there. */
  linked?: boolean;
}

/** One operation, followed while it runs. */
export function OperationPanel({ id, linked = false }: OperationPanelProps) {
  const heading = useId();
  const { query, operation, streamed } = useOperation(id);
  useStepNews(operation);
  return (
    <Paper withBorder p="lg" bg="var(--surface)" component="section" aria-labelledby={heading}>
      <Stack>
        <Group gap="sm">
          <Title order={2} size="h4" id={heading}>
            {operation ? words.heading(operation.kind) : text.loading}
          </Title>
          {operation && (
            <Badge look={operationLooks[operation.state]} moving={operation.state === "running"} />
          )}
          {linked && operation && (
            <AnchorLink to="/operations/$id" params={{ id }} size="sm">
              {words.open}
            </AnchorLink>
          )}
        </Group>
        {query.isPending && <Skeleton height={160} role="status" aria-label={text.loading} />}
        {query.isError && (
          <ProblemAlert
            error={query.error}
            onRetry={() => void query.refetch()}
            retrying={query.isFetching}
          />
        )}
        {operation && (
          <>
            <Summary operation={operation} streamed={streamed} />
            <OperationActions operation={operation} />
            {operation.error && !isToldBySteps(operation) && <Failure operation={operation} />}
            <Timeline operation={operation} />
          </>
        )}
      </Stack>
    </Paper>
  );
}

function Summary({ operation, streamed }: { operation: Operation; streamed: boolean }) {
  const open = isOpen(operation);
  const now = useNow(open ? TICK_MS : 0);
  const typical = useQuery({ ...typicalTimeQuery(operation.kind), enabled: open }).data;
  const length = operation.started_at
    ? duration(between(operation.started_at, operation.ended_at, now))
    : undefined;
  const progress = stepProgress(operation);
  const facts = [
    operation.reason ? words.because(operation.reason) : words.requestedBy(operation.requested_by),
    operation.attempt > 1 && words.attempt(operation.attempt).toLowerCase(),
    length && (open ? words.running(length) : words.took(length)),
    open && typical && words.typical(duration(typical)),
  ].filter(Boolean);
  return (
    <Stack gap={6}>
      <Text size="sm" c="dimmed" component="div" className="numeric wrap-anywhere">
        <TimeAgo at={operation.created_at} />, {facts.join(", ")}
      </Text>
      {progress && (
        <Stack gap={4}>
          <ProgressBar
            segments={[{ key: "done", tone: "blue", value: progress.done }]}
            of={progress.all}
            label={words.stepsDone(progress.done, progress.all)}
          />
          <Text size="sm">{words.stepsDone(progress.done, progress.all)}</Text>
        </Stack>
      )}
      {open && (
        <Text size="sm" c="dimmed">
          {streamed ? words.live : words.polled}
        </Text>
      )}
    </Stack>
  );
}

/** Whether the timeline already says why the operation failed, or that is over. */
const isToldBySteps = ({ state, error, steps }: Operation): boolean =>
  state === "succeeded" || (steps ?? []).some((step) => step.error?.message === error?.message);

function Failure({ operation: { error, state } }: { operation: Operation }) {
  if (!error) return null;
  const cancelled = state === "cancelled";
  const step = text.stepName[error.step as keyof typeof text.stepName] ?? error.step;
  return (
    <Alert
      variant="outline"
      color={cancelled ? "var(--tone-grey)" : "var(--tone-red)"}
      icon={<IconAlertTriangle aria-hidden />}
      title={error.step === "" ? undefined : (cancelled ? words.stoppedAt : words.failedAt)(step)}
    >
      <Text size="sm" className="wrap-anywhere">
        {error.message} <code>{error.code}</code>
      </Text>
      <FailureHint code={error.code} />
    </Alert>
  );
}

/** Announces each step as it ends and the operation as it does; at most one message in five seconds gets through. */
function useStepNews(operation: Operation | undefined) {
  const announce = useAnnounce();
  const before = useRef<Operation>(undefined);
  useEffect(() => {
    const last = before.current;
    before.current = operation;
    if (!operation || !last || last.id !== operation.id) return;
    if (operation.state !== last.state && !isOpen(operation)) {
      announce(words.announceEnd(operation));
      return;
    }
    const latest = operation.steps?.at(-1);
    const known = last.steps?.find((step) => step.id === latest?.id);
    if (latest && latest.state !== "started" && latest.state !== known?.state) {
      announce(words.announceStep(text.stepTitle(latest), latest.state));
    }
  }, [operation, announce]);
  useTenantNews(operation);
}

/** Has the tenant looked at again when its operation changes its state. */
function useTenantNews(operation: Operation | undefined) {
  const tenant = useQuery({ ...tenantQuery(operation?.tenant_key ?? ""), enabled: false });
  const state = operation?.state;
  const { refetch, data } = tenant;
  const seen = useRef<string>(undefined);
  useEffect(() => {
    if (seen.current !== undefined && state !== undefined && seen.current !== state && data) void refetch();
    seen.current = state;
  }, [state, data, refetch]);
}
