import { Button, Code, Group, Paper, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { tenantListQuery } from "../api/tenants";
import { CopyIcon } from "../parts/CopyIcon";
import { Page } from "../parts/Page";
import { ProblemAlert } from "../parts/ProblemAlert";
import { ButtonLink } from "../parts/RouterLink";
import { text } from "../text";
import { TenantFilters } from "./TenantFilters";
import { TenantTable } from "./TenantTable";
import { useStatusNews } from "./useStatusNews";

const route = getRouteApi("/signed-in/tenants");

/** Every tenant, searchable, kept fresh. */
export function TenantListPage() {
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(tenantListQuery(filter));
  const tenants = useMemo(() => list.data?.pages.flatMap((page) => page.items) ?? [], [list.data]);
  useStatusNews(tenants);

  const filtered = Boolean(filter.q || filter.status);
  const empty = list.isSuccess && tenants.length === 0;
  const create = (
    <ButtonLink to="/tenants/new" leftSection={<IconPlus size={16} aria-hidden />}>
      {text.list.create}
    </ButtonLink>
  );

  return (
    <Page title={text.list.title} actions={empty && !filtered ? undefined : create}>
      {(!empty || filtered) && (
        <TenantFilters filter={filter} onChange={(search) => void navigate({ search, replace: true })} />
      )}
      <Stack>
        {list.isError && !list.isFetchNextPageError && (
          <ProblemAlert error={list.error} onRetry={() => void list.refetch()} retrying={list.isFetching} />
        )}
        {list.isError && list.data && (
          <Text size="sm" c="dimmed">
            {text.problem.stale}
          </Text>
        )}
        {list.isPending && <LoadingRows />}
        {tenants.length > 0 && <TenantTable tenants={tenants} />}
        {list.isFetchNextPageError && (
          <ProblemAlert error={list.error} onRetry={() => void list.fetchNextPage()} />
        )}
        {tenants.length > 0 && (
          <Group justify="space-between">
            <Text size="sm" c="dimmed">
              {text.list.count(tenants.length, list.hasNextPage)}
            </Text>
            {list.hasNextPage && (
              <Button
                variant="default"
                onClick={() => void list.fetchNextPage()}
                loading={list.isFetchingNextPage}
              >
                {text.list.more}
              </Button>
            )}
          </Group>
        )}
        {empty &&
          (filtered ? (
            <NoMatch onClear={() => void navigate({ search: {} })} />
          ) : (
            <FirstTenant create={create} />
          ))}
      </Stack>
    </Page>
  );
}

function LoadingRows() {
  return (
    <Stack gap="xs" aria-busy="true" role="status" aria-label={text.loading}>
      {[1, 2, 3, 4].map((row) => (
        <Skeleton key={row} height={56} />
      ))}
    </Stack>
  );
}

function NoMatch({ onClear }: { onClear: () => void }) {
  return (
    <Paper withBorder p="xl" bg="var(--surface)">
      <Stack align="flex-start" gap="xs">
        <Title order={2} size="h4">
          {text.list.noMatchTitle}
        </Title>
        <Text>{text.list.noMatchBody}</Text>
        <Button variant="default" onClick={onClear}>
          {text.list.clear}
        </Button>
      </Stack>
    </Paper>
  );
}

function FirstTenant({ create }: { create: React.ReactNode }) {
  return (
    <Paper withBorder p="xl" bg="var(--surface)">
      <Stack align="flex-start" gap="sm">
        <Title order={2} size="h4">
          {text.list.emptyTitle}
        </Title>
        <Text maw="34rem">{text.list.emptyBody}</Text>
        {create}
        <Text size="sm" c="dimmed" mt="sm">
          {text.list.emptyCli}
        </Text>
        <Group gap={4} wrap="nowrap">
          <Code block className="wrap-anywhere" style={{ whiteSpace: "pre-wrap" }}>
            {text.list.cli}
          </Code>
          <CopyIcon value={text.list.cli} label={text.problem.copy} />
        </Group>
      </Stack>
    </Paper>
  );
}
