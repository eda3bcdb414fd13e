import { Button, Group, Stack, Text } from "@mantine/core";
import { IconEye, IconTool } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { SoundnessTabs } from "../fleet/SoundnessTabs";
import { toFilter, toTyped } from "../fleet/typedFilter";
import { useCreateJob, useRepairDrift } from "../jobs/api";
import { JobPanel } from "../jobs/JobPanel";
import { SameWith } from "../parts/CommandLine";
import { ConfirmDialog } from "../parts/ConfirmDialog";
import { CursorPager } from "../parts/CursorPager";
import { DataTable } from "../parts/DataTable";
import { EmptyState } from "../parts/EmptyState";
import { Loaded } from "../parts/Loaded";
import { Page } from "../parts/Page";
import { Panel } from "../parts/Panel";
import { ProblemAlert } from "../parts/ProblemAlert";
import { type TokenField, TokenSearch } from "../parts/TokenSearch";
import type { Typed } from "../parts/tokens";
import { useMay } from "../session/useMay";
import { type Drift, type DriftKind, type DriftLook, driftListQuery } from "./api";
import { columnsOf } from "./driftColumns";
import { LastLook } from "./LastLook";
import { text } from "./text";

const page = getRouteApi("/signed-in/drift");
const words = text.drift;

const fields: readonly TokenField[] = [
  {
    name: "kind",
    label: words.kindFilter,
    values: (Object.keys(text.kind) as DriftKind[]).map((kind) => ({ value: kind, label: text.kind[kind] })),
  },
];

const keyOf = (drift: Drift) => `${drift.tenant_id} ${drift.kind} ${drift.what}`;

/** What is not as the tenants' rows say, since when, and the button that mends it. */
export function DriftPage() {
  const { job, ask, ...filter } = page.useSearch();
  const { cursor, ...filtered } = filter;
  const navigate = page.useNavigate();
  const may = useMay();
  const query = useQuery(driftListQuery(filter));
  const look = useCreateJob();
  const repair = useRepairDrift();
  const follow = (asked: { id: string }) => void navigate({ search: { ...filter, job: asked.id } });
  const repairThese = (tenants: readonly string[] | null) => repair.mutate(tenants, { onSuccess: follow });
  const isAllowed = may("fleet:write");

  const onTyped = (typed: Typed) =>
    void navigate({ search: { ...toFilter(typed, ["kind"]), ...(job ? { job } : {}) }, replace: true });
  const failed = look.isError ? look.error : repair.isError && ask === undefined ? repair.error : null;

  return (
    <Page
      title={words.title}
      actions={
        isAllowed && (
          <Group gap="xs">
            <Button
              variant="default"
              leftSection={<IconEye size={16} aria-hidden />}
              loading={look.isPending}
              title={words.lookMeaning}
              onClick={() =>
                look.mutate({ kind: "reconcile", parameters: { dry_run: true } }, { onSuccess: follow })
              }
            >
              {words.look}
            </Button>
            <Button
              leftSection={<IconTool size={16} aria-hidden />}
              onClick={() => {
                repair.reset();
                void navigate({ search: (before) => ({ ...before, ask: "repair" }) });
              }}
            >
              {words.repairAll}
            </Button>
          </Group>
        )
      }
    >
      <SoundnessTabs />
      <Stack gap="lg">
        {failed !== null && <ProblemAlert title={words.notAccepted} error={failed} />}
        {job && (
          <Panel title={words.progress}>
            <JobPanel key={job} id={job} />
          </Panel>
        )}
        <Text c="dimmed" maw="48rem">
          {words.intro}
        </Text>
        <TokenSearch fields={fields} typed={toTyped(filtered)} onChange={onTyped} hint={words.tenantHint} />
        <Loaded query={query}>
          {(found) => (
            <Stack gap="lg">
              {found.items.length === 0 && !cursor ? (
                <NoDrift look={found.look ?? null} isFiltered={Object.keys(filtered).length > 0} />
              ) : (
                <Stack>
                  <DriftTable
                    drift={found.items}
                    onRepair={isAllowed ? repairThese : null}
                    pending={repair.isPending}
                  />
                  <CursorPager
                    count={found.items.length}
                    cursor={cursor}
                    next={found.next_cursor ?? null}
                    onMove={(next) =>
                      void navigate({ search: { ...filtered, ...(next ? { cursor: next } : {}) } })
                    }
                  />
                </Stack>
              )}
              <LastLook look={found.look ?? null} />
            </Stack>
          )}
        </Loaded>
      </Stack>
      <ConfirmDialog
        opened={ask === "repair"}
        onClose={() =>
          void navigate({
            search: (before) => {
              const { ask: _asked, ...others } = before;
              return others;
            },
          })
        }
        title={text.repairAllDialog.title}
        submit={text.repairAllDialog.submit}
        cancel={text.repairAllDialog.cancel}
        pending={repair.isPending}
        error={repair.error}
        onConfirm={() => repairThese(null)}
      >
        <Text>{text.repairAllDialog.body}</Text>
        <SameWith
          cli={text.repairAllDialog.cli}
          call={{ method: "POST", path: "/api/gateway/drift/repair", body: {} }}
        />
      </ConfirmDialog>
    </Page>
  );
}

function NoDrift({ look, isFiltered }: { look: DriftLook | null; isFiltered: boolean }) {
  if (isFiltered) return <EmptyState title={words.noMatchTitle}>{words.noMatchBody}</EmptyState>;
  return (
    <EmptyState title={look ? words.emptyTitle : words.neverTitle} cli={words.cli}>
      {look ? words.emptyBody : words.neverBody}
    </EmptyState>
  );
}

interface DriftTableProps {
  drift: readonly Drift[];
  /** Asks for repairs of tenants; null where that is not allowed. */
  onRepair: ((tenants: readonly string[]) => void) | null;
  pending: boolean;
}

function DriftTable({ drift, onRepair, pending }: DriftTableProps) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const columns = columnsOf(onRepair && ((key) => onRepair([key])));
  const chosen = [...new Set(drift.filter((one) => selected.has(keyOf(one))).map((one) => one.tenant_key))];
  return (
    <Stack gap="xs">
      {onRepair && chosen.length > 0 && (
        <Group gap="xs" role="group" aria-label={words.actionsLabel}>
          <Button size="sm" loading={pending} onClick={() => onRepair(chosen)}>
            {words.repairSelected(chosen.length)}
          </Button>
        </Group>
      )}
      <DataTable
        caption={words.caption}
        columns={columns}
        rows={drift}
        rowKey={keyOf}
        {...(onRepair
          ? {
              selection: {
                selected,
                onChange: setSelected,
                label: (one: Drift) => words.select(one.tenant_key),
              },
            }
          : {})}
      />
    </Stack>
  );
}
