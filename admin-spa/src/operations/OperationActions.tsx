import { Button, Group, Text } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useId } from "react";
import { useCancelOperation, useRetryOperation } from "../api/operations";
import { tenantQuery } from "../api/tenants";
import type { Operation } from "../api/types";
import { ProblemAlert } from "../parts/ProblemAlert";
import { useMay } from "../session/useMay";
import { canCancel } from "../tenants/actions";
import { text } from "../text";
import { CancelButton } from "./CancelButton";
import { operationsText as words } from "./text";

/** Whether it can be tried again: it is its tenant's latest work and failed, was cancelled, or waits after a failure. */
const canRetry = (operation: Operation, latest: string | undefined): boolean =>
  operation.id === latest &&
  (operation.state === "failed" ||
    operation.error?.code === "cancelled" ||
    (operation.state === "pending" && operation.error !== null));

/** Cancelling and trying again, with what each means, where they are possible and allowed. */
export function OperationActions({ operation }: { operation: Operation }) {
  const may = useMay();
  const navigate = useNavigate();
  const tenant = useQuery(tenantQuery(operation.tenant_id)).data;
  const cancel = useCancelOperation(operation.id);
  const retry = useRetryOperation(operation.id);
  const meaning = useId();
  if (!may("tenants:write")) return null;

  const again = () =>
    retry.mutate(undefined, {
      onSuccess: (opened) => {
        if (opened.id !== operation.id) void navigate({ to: "/operations/$id", params: { id: opened.id } });
      },
    });

  return (
    <>
      {canRetry(operation, tenant?.operation?.id) && (
        <Group gap="sm">
          <Button
            leftSection={<IconRefresh size={16} aria-hidden />}
            onClick={again}
            loading={retry.isPending}
            aria-describedby={meaning}
          >
            {words.retry.button}
          </Button>
          <Text size="sm" c="dimmed" id={meaning} style={{ flex: "1 1 14rem" }}>
            {words.retry.meaning}
          </Text>
        </Group>
      )}
      {retry.isError && <ProblemAlert title={text.tenant.actionFailed} error={retry.error} />}
      <CancelButton offered={canCancel(operation)} words={words.cancel} sending={cancel}>
        <Text>{words.cancel.body}</Text>
      </CancelButton>
    </>
  );
}
