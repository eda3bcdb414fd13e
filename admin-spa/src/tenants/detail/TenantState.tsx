import { Stack, Text } from "@mantine/core";
import type { Tenant } from "../../api/types";
import { FailureHint } from "../../operations/FailureHint";
import { TimeAgo } from "../../parts/TimeAgo";
import { text } from "../../text";
import { absoluteTime } from "../../time";

/** The state of a tenant in a sentence, and what follows from it. */
export function TenantState({ tenant }: { tenant: Tenant }) {
  const due = tenant.error !== null && tenant.operation?.state === "pending" ? tenant.due_at : null;
  return (
    <Stack gap={4}>
      <Text c="dimmed" className="wrap-anywhere">
        {tenant.company_name}
      </Text>
      <Text size="lg" className="wrap-anywhere">
        {text.stateSentence(tenant)}
      </Text>
      {tenant.error && (
        <>
          <Text c="var(--tone-red)" className="wrap-anywhere">
            {tenant.error.message} <code>{tenant.error.code}</code>
          </Text>
          <FailureHint code={tenant.error.code} />
        </>
      )}
      {due && (
        <Text size="sm">
          {text.nextAttempt} <TimeAgo at={due} close />
        </Text>
      )}
      {tenant.status === "deleting" && tenant.purge_at && (
        <Text size="sm">
          {text.purgeAt} {absoluteTime(tenant.purge_at)}, <TimeAgo at={tenant.purge_at} />
        </Text>
      )}
      {tenant.reason && <Text size="sm">{text.reason(tenant.reason)}</Text>}
      {tenant.paused && <Text>{text.paused}</Text>}
    </Stack>
  );
}
