import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { SoundnessTabs } from "../fleet/SoundnessTabs";
import { Badge } from "../parts/Badge";
import { CursorPager } from "../parts/CursorPager";
import { type Column, DataTable } from "../parts/DataTable";
import { EmptyState } from "../parts/EmptyState";
import { Loaded } from "../parts/Loaded";
import { Page } from "../parts/Page";
import { AnchorLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import { between, duration } from "../time";
import { jobListQuery } from "./api";
import { jobLooks } from "./looks";
import { text } from "./text";
import type { Job } from "./types";

const route = getRouteApi("/signed-in/jobs");
const { columns: words } = text.list;

const columns: readonly Column<Job>[] = [
  {
    id: "kind",
    header: words.kind,
    names: true,
    cell: (job) => (
      <AnchorLink to="/jobs/$id" params={{ id: job.id }}>
        {text.kind[job.kind]}
      </AnchorLink>
    ),
  },
  {
    id: "state",
    header: words.state,
    cell: (job) => <Badge look={jobLooks[job.state]} moving={job.state === "running"} />,
  },
  { id: "created", header: words.created, whole: true, cell: (job) => <TimeAgo at={job.created_at} /> },
  { id: "by", header: words.by, cell: (job) => <span className="wrap-anywhere">{job.requested_by}</span> },
  { id: "worker", header: words.worker, cell: (job) => job.worker },
  {
    id: "took",
    header: words.took,
    numeric: true,
    cell: (job) => job.started_at && job.ended_at && duration(between(job.started_at, job.ended_at, 0)),
  },
];

/** Work on the whole fleet, newest first. */
export function JobListPage() {
  const { cursor } = route.useSearch();
  const navigate = route.useNavigate();
  const query = useQuery(jobListQuery(cursor));
  return (
    <Page title={text.list.title}>
      <SoundnessTabs />
      <Text c="dimmed" mb="md">
        {text.list.intro}
      </Text>
      <Loaded query={query}>
        {(page) =>
          page.items.length === 0 && !cursor ? (
            <EmptyState title={text.list.emptyTitle} cli={text.list.cli}>
              {text.list.emptyBody}
            </EmptyState>
          ) : (
            <Stack>
              <DataTable
                caption={text.list.caption}
                columns={columns}
                rows={page.items}
                rowKey={(job) => job.id}
              />
              <CursorPager
                count={page.items.length}
                cursor={cursor}
                next={page.next_cursor ?? null}
                onMove={(next) => void navigate({ search: next ? { cursor: next } : {} })}
              />
            </Stack>
          )
        }
      </Loaded>
    </Page>
  );
}
