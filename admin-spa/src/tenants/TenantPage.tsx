import { Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { tenantQuery } from "../api/tenants";
import type { Tenant } from "../api/types";
import { TenantOperations } from "../operations/TenantOperations";
import { Page } from "../parts/Page";
import { ProblemAlert } from "../parts/ProblemAlert";
import { TimeAgo } from "../parts/TimeAgo";
import { text } from "../text";
import { absoluteTime } from "../time";
import { StatusBadge } from "./StatusBadge";
import { TenantActions } from "./TenantActions";
import { TenantFacts } from "./TenantFacts";
import { useStatusNews } from "./useStatusNews";

const route = getRouteApi("/signed-in/tenants/$key");

/** One tenant: what state it is in, what can be done, and what is being done. */
export function TenantPage() {
  const { key } = route.useParams();
  const { operation } = route.useSearch();
  const query = useQuery(tenantQuery(key));
  const tenant = query.data;
  useStatusNews(useMemo(() => (tenant ? [tenant] : []), [tenant]));

  return (
    <Page
      title={tenant?.key ?? key}
      beside={tenant && <StatusBadge status={tenant.status} />}
      actions={tenant && <TenantActions tenant={tenant} />}
    >
      <Stack gap="xl">
        {query.isError && (
          <ProblemAlert
            error={query.error}
            onRetry={() => void query.refetch()}
            retrying={query.isFetching}
          />
        )}
        {query.isPending && <Skeleton height={220} aria-label={text.loading} role="status" />}
        {tenant && (
          <>
            <StateOf tenant={tenant} />
            <TenantFacts tenant={tenant} />
            <TenantOperations tenant={tenant} selected={operation} />
          </>
        )}
      </Stack>
    </Page>
  );
}

function StateOf({ tenant }: { tenant: Tenant }) {
  const due = tenant.error !== null && tenant.operation?.state === "pending" ? tenant.due_at : null;
  return (
    <Stack gap={4}>
      <Text c="dimmed" className="wrap-anywhere">
        {tenant.company_name}
      </Text>
      <Text size="lg">{text.stateSentence(tenant)}</Text>
      {tenant.error && (
        <Text c="var(--tone-red)" className="wrap-anywhere">
          {tenant.error.message}
        </Text>
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
