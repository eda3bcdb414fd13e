import { Button, Group, Stack, Text } from "@mantine/core";
import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { api, unwrapWhole } from "../api/client";
import type { Tenant, TenantPage } from "../api/types";
import { type Column, DataTable } from "../parts/DataTable";
import { Loaded } from "../parts/Loaded";
import { Panel } from "../parts/Panel";
import { AnchorLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import { partsText } from "../parts/text";
import { StatusBadge } from "../tenants/StatusBadge";
import { text } from "./text";

const PAGE_SIZE = 25;

/** Where the tenants are that are listed. */
type Place = { pool_id: string } | { server: string };

const tenantsOfQuery = (place: Place) =>
  infiniteQueryOptions({
    queryKey: ["tenants", "of", place],
    queryFn: ({ pageParam, signal }) =>
      unwrapWhole<TenantPage>(
        api.GET("/api/gateway/tenants", {
          params: {
            query: { ...place, sort: "key", limit: PAGE_SIZE, ...(pageParam ? { cursor: pageParam } : {}) },
          },
          signal,
        }),
      ),
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor || undefined,
  });

const { columns: words } = text;
const columns: readonly Column<Tenant>[] = [
  {
    id: "key",
    header: words.key,
    names: true,
    cell: (tenant) => (
      <>
        <AnchorLink to="/tenants/$key" params={{ key: tenant.key }} fw={600}>
          {tenant.key}
        </AnchorLink>
        <Text size="sm" c="dimmed" fw={400} className="wrap-anywhere">
          {tenant.company_name}
        </Text>
      </>
    ),
  },
  { id: "status", header: words.status, cell: (tenant) => <StatusBadge status={tenant.status} /> },
  { id: "plan", header: words.plan, cell: (tenant) => tenant.plan },
  {
    id: "updated",
    header: words.updated,
    whole: true,
    cell: (tenant) => <TimeAgo at={tenant.updated_at} />,
  },
];

/** The tenants of a pool or a database server, by key. */
export function TenantsHere({ place, empty }: { place: Place; empty: string }) {
  const list = useInfiniteQuery(tenantsOfQuery(place));
  return (
    <Panel title={text.tenantsHere}>
      <Loaded query={list}>
        {(data) => {
          const tenants = data.pages.flatMap((page) => page.items);
          if (tenants.length === 0) return <Text c="dimmed">{empty}</Text>;
          return (
            <Stack>
              <DataTable
                dense
                caption={text.tenantsHere}
                columns={columns}
                rows={tenants}
                rowKey={(tenant) => tenant.id}
              />
              {list.hasNextPage && (
                <Group>
                  <Button
                    variant="default"
                    onClick={() => void list.fetchNextPage()}
                    loading={list.isFetchingNextPage}
                  >
                    {partsText.pager.more}
                  </Button>
                </Group>
              )}
            </Stack>
          );
        }}
      </Loaded>
    </Panel>
  );
}
