import { Alert, Button, Group, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconBan } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useId, useRef } from "react";
import { isOpen, operationQuery, useCancelOperation } from "../api/operations";
import { tenantQuery } from "../api/tenants";
import type { Operation } from "../api/types";
import { useAnnounce } from "../parts/Announcer";
import { Badge } from "../parts/Badge";
import { ProblemAlert } from "../parts/ProblemAlert";
import { TimeAgo } from "../parts/TimeAgo";
import { useNow } from "../parts/useNow";
import { canCancel } from "../tenants/actions";
import { text } from "../text";
import { between, duration } from "../time";
import { operationLooks } from "./looks";
import { Timeline } from "./Timeline";

const TICK_MS = 1_000;

/** One operation, followed while it runs. */
export function OperationPanel({ id }: { id: string }) {
  const heading = useId();
  const query = useQuery(operationQuery(id));
  const operation = query.data;
  useFollow(operation);
  return (
    <Paper withBorder p="lg" bg="var(--surface)" component="section" aria-labelledby={heading}>
      <Stack>
        <Group gap="sm">
          <Title order={2} size="h4" id={heading}>
            {operation ? text.operation.heading(operation.kind) : text.loading}
          </Title>
          {operation && (
            <Badge look={operationLooks[operation.state]} moving={operation.state === "running"} />
          )}
        </Group>
        {query.isPending && <Skeleton height={160} />}
        {query.isError && (
          <ProblemAlert
            error={query.error}
            onRetry={() => void query.refetch()}
            retrying={query.isFetching}
          />
        )}
        {operation && (
          <>
            <Summary operation={operation} />
            <CancelButton operation={operation} />
            {operation.error && !isToldBySteps(operation) && (
              <Failure error={operation.error} cancelled={operation.state === "cancelled"} />
            )}
            <Timeline operation={operation} />
          </>
        )}
      </Stack>
    </Paper>
  );
}

function Summary({ operation }: { operation: Operation }) {
  const open = isOpen(operation);
  const now = useNow(open ? TICK_MS : 0);
  const length = operation.started_at
    ? duration(between(operation.started_at, operation.ended_at, now))
    : undefined;
  return (
    <Text size="sm" c="dimmed" component="div" className="numeric">
      <TimeAgo at={operation.created_at} />,{" "}
      {operation.reason
        ? text.operation.because(operation.reason)
        : text.operation.requestedBy(operation.requested_by)}
      {operation.attempt > 1 && `, ${text.operation.attempt(operation.attempt).toLowerCase()}`}
      {length && `, ${open ? text.operation.running(length) : text.operation.took(length)}`}
    </Text>
  );
}

function CancelButton({ operation }: { operation: Operation }) {
  const cancel = useCancelOperation(operation.id);
  const meaning = useId();
  return (
    <>
      {canCancel(operation) && (
        <Group gap="sm">
          <Button
            size="xs"
            variant="default"
            leftSection={<IconBan size={14} aria-hidden />}
            onClick={() => cancel.mutate()}
            loading={cancel.isPending}
            aria-describedby={meaning}
          >
            {text.operation.cancel}
          </Button>
          <Text size="sm" c="dimmed" id={meaning}>
            {text.operation.cancelMeaning}
          </Text>
        </Group>
      )}
      {cancel.isError && <ProblemAlert title={text.tenant.actionFailed} error={cancel.error} />}
    </>
  );
}

/** Whether the timeline already says why the operation failed, or that is over. */
const isToldBySteps = ({ state, error, steps }: Operation): boolean =>
  state === "succeeded" || (steps ?? []).some((step) => step.error?.message === error?.message);

interface FailureProps {
  error: NonNullable<Operation["error"]>;
  cancelled: boolean;
}

function Failure({ error, cancelled }: FailureProps) {
  const { failedAt, stoppedAt } = text.operation;
  return (
    <Alert
      variant="outline"
      color={cancelled ? "var(--tone-grey)" : "var(--tone-red)"}
      icon={<IconAlertTriangle aria-hidden />}
      title={error.step === "" ? undefined : (cancelled ? stoppedAt : failedAt)(error.step)}
    >
      <Text size="sm" className="wrap-anywhere">
        {error.message} <code>{error.code}</code>
      </Text>
    </Alert>
  );
}

/** Announces each step as it ends, and has the rest of the page refreshed when the operation does. */
function useFollow(operation: Operation | undefined) {
  const announce = useAnnounce();
  const queries = useQueryClient();
  const before = useRef<Operation>(undefined);
  useEffect(() => {
    const last = before.current;
    before.current = operation;
    if (!operation || !last || last.id !== operation.id) return;
    const latest = operation.steps?.at(-1);
    const known = last.steps?.find((step) => step.id === latest?.id);
    if (latest && latest.state !== "started" && latest.state !== known?.state) {
      announce(text.operation.announceStep(text.stepTitle(latest), latest.state));
    }
    if (operation.state !== last.state) {
      void queries.invalidateQueries({ queryKey: tenantQuery(operation.tenant_key).queryKey });
      void queries.invalidateQueries({ queryKey: ["operations", "list"] });
    }
  }, [operation, announce, queries]);
}
