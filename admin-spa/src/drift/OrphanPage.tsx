import { Alert, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { SoundnessTabs } from "../fleet/SoundnessTabs";
import { text as jobText } from "../jobs/text";
import { CursorPager } from "../parts/CursorPager";
import { type Column, DataTable } from "../parts/DataTable";
import { EmptyState } from "../parts/EmptyState";
import { Loaded } from "../parts/Loaded";
import { Page } from "../parts/Page";
import { TimeAgo } from "../parts/TimeAgo";
import { useMay } from "../session/useMay";
import { type Orphan, orphanListQuery } from "./api";
import { CollectPanel } from "./CollectPanel";
import { text } from "./text";

const page = getRouteApi("/signed-in/orphans");
const words = text.orphans;

const columns: readonly Column<Orphan>[] = [
  { id: "kind", header: words.columns.kind, cell: (orphan) => jobText.orphanKind[orphan.kind] },
  { id: "place", header: words.columns.place, cell: (orphan) => orphan.place },
  {
    id: "name",
    header: words.columns.name,
    names: true,
    cell: (orphan) => (
      <>
        <code className="wrap-anywhere">{orphan.name}</code>
        {Object.keys(orphan.detail).length > 0 && (
          <details>
            <summary>
              <Text component="span" size="xs" c="dimmed" fw={400}>
                {words.detail}
              </Text>
            </summary>
            <Text component="code" size="xs" ff="monospace" fw={400} className="wrap-anywhere">
              {JSON.stringify(orphan.detail)}
            </Text>
          </details>
        )}
      </>
    ),
  },
  {
    id: "tenant",
    header: words.columns.tenant,
    cell: (orphan) => orphan.tenant_id && <code className="wrap-anywhere">{orphan.tenant_id}</code>,
  },
  {
    id: "since",
    header: words.columns.since,
    whole: true,
    cell: (orphan) => <TimeAgo at={orphan.first_seen_at} />,
  },
  {
    id: "by",
    header: words.columns.by,
    cell: (orphan) =>
      orphan.condemned_at && (
        <div>
          <TimeAgo at={orphan.condemned_at} />
          {orphan.condemned_by && ` ${words.condemned(orphan.condemned_by)}`}
        </div>
      ),
  },
];

/** What carries the mark of this control plane and belongs to nobody, and its removal in two steps. */
export function OrphanPage() {
  const { cursor, job, done } = page.useSearch();
  const navigate = page.useNavigate();
  const may = useMay();
  const query = useQuery(orphanListQuery(cursor));
  const isWorthIt = job !== undefined || done !== undefined || (query.data?.items.length ?? 0) > 0;
  return (
    <Page title={words.title}>
      <SoundnessTabs />
      <Stack gap="lg">
        <Text c="dimmed" maw="48rem">
          {words.intro}
        </Text>
        {isWorthIt && (
          <Alert
            variant="outline"
            color="var(--tone-orange)"
            icon={<IconAlertTriangle aria-hidden />}
            title={words.restoreTitle}
          >
            {words.restoreBody}
          </Alert>
        )}
        <Loaded query={query}>
          {(found) =>
            found.items.length === 0 && !cursor ? (
              <EmptyState title={words.emptyTitle} cli={words.cli}>
                {words.emptyBody}
              </EmptyState>
            ) : (
              <Stack>
                <DataTable
                  caption={words.caption}
                  columns={columns}
                  rows={found.items}
                  rowKey={(orphan) => `${orphan.kind} ${orphan.place} ${orphan.name}`}
                />
                <CursorPager
                  count={found.items.length}
                  cursor={cursor}
                  next={found.next_cursor ?? null}
                  onMove={(next) =>
                    void navigate({
                      search: (before) => {
                        const { cursor: _here, ...others } = before;
                        return { ...others, ...(next ? { cursor: next } : {}) };
                      },
                    })
                  }
                />
              </Stack>
            )
          }
        </Loaded>
        {may("fleet:write") && isWorthIt && (
          <CollectPanel
            preview={job}
            done={done}
            onPreview={(id) => void navigate({ search: { job: id } })}
            onDone={(id) => void navigate({ search: { done: id } })}
            onAgain={() => void navigate({ search: {} })}
          />
        )}
      </Stack>
    </Page>
  );
}
