import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type Batch, batchPageQuery } from "../api/batches";
import { Badge } from "../parts/Badge";
import { CursorPager } from "../parts/CursorPager";
import { type Column, DataTable } from "../parts/DataTable";
import { EmptyState } from "../parts/EmptyState";
import { Loaded } from "../parts/Loaded";
import { Page } from "../parts/Page";
import { AnchorLink, ButtonLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import { text } from "../text";
import { between, duration } from "../time";
import { BatchProgress, tenantCount } from "./BatchProgress";
import { batchLooks } from "./looks";
import { OperationTabs } from "./OperationTabs";
import { operationsText } from "./text";

const route = getRouteApi("/signed-in/batches");
const words = operationsText.batch;

const columns: readonly Column<Batch>[] = [
  {
    id: "verb",
    header: words.columns.verb,
    names: true,
    cell: (batch) => (
      <AnchorLink to="/batches/$id" params={{ id: batch.id }} fw={600}>
        {words.title(batch.verb, tenantCount(batch.counts))}
      </AnchorLink>
    ),
  },
  {
    id: "state",
    header: words.columns.state,
    cell: (batch) => <Badge look={batchLooks[batch.state]} moving={batch.state === "running"} />,
  },
  {
    id: "progress",
    header: words.columns.progress,
    cell: (batch) => <BatchProgress counts={batch.counts} brief />,
  },
  {
    id: "created",
    header: words.columns.created,
    whole: true,
    cell: (batch) => <TimeAgo at={batch.created_at} />,
  },
  {
    id: "by",
    header: words.columns.by,
    cell: (batch) => <span className="wrap-anywhere">{batch.requested_by}</span>,
  },
  {
    id: "duration",
    header: words.columns.duration,
    numeric: true,
    whole: true,
    cell: ({ created_at, ended_at }) => (ended_at ? duration(between(created_at, ended_at, 0)) : text.none),
  },
];

/** All batches the person sees, newest first. */
export function BatchListPage() {
  const { cursor } = route.useSearch();
  const move = route.useNavigate();
  const query = useQuery(batchPageQuery(cursor));
  return (
    <Page title={operationsText.batches}>
      <Stack>
        <OperationTabs />
        <Loaded query={query} height={320}>
          {(page) =>
            page.items.length === 0 ? (
              <EmptyState
                title={words.emptyTitle}
                action={<ButtonLink to="/tenants">{words.toTenants}</ButtonLink>}
                cli={words.cli}
              >
                {words.emptyBody}
              </EmptyState>
            ) : (
              <>
                <DataTable
                  caption={words.caption}
                  columns={columns}
                  rows={page.items}
                  rowKey={({ id }) => id}
                />
                <CursorPager
                  count={page.items.length}
                  cursor={cursor}
                  next={page.next_cursor}
                  onMove={(next) => void move({ search: next ? { cursor: next } : {} })}
                />
              </>
            )
          }
        </Loaded>
      </Stack>
    </Page>
  );
}
