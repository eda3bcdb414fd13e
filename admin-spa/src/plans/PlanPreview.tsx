import { Button, Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { type Column, DataTable } from "../parts/DataTable";
import { Panel } from "../parts/Panel";
import { ProblemAlert } from "../parts/ProblemAlert";
import type { Plan } from "./api";
import { changesOf, type PlanChange, touchesTenants } from "./limits";
import { text } from "./text";

const words = text.preview;

const rowNames: Record<PlanChange["name"], string> = {
  ...text.limit,
  title: words.titleRow,
  network: words.networkRow,
};

const columns: readonly Column<PlanChange>[] = [
  {
    id: "what",
    header: words.columns.what,
    names: true,
    cell: ({ name }) => rowNames[name],
  },
  { id: "before", header: words.columns.before, cell: ({ before }) => before },
  { id: "after", header: words.columns.after, cell: ({ after }) => <b>{after}</b> },
];

interface PlanPreviewProps {
  before: Plan;
  /** What a dry run says the plan would be. */
  after: Plan;
  pending: boolean;
  error: unknown;
  onBack: () => void;
  onConfirm: () => void;
  children?: ReactNode;
}

/** What a change of a plan would change, and how many tenants get work by it. */
export function PlanPreview({
  before,
  after,
  pending,
  error,
  onBack,
  onConfirm,
  children,
}: PlanPreviewProps) {
  const changes = changesOf(before, after);
  const touched = touchesTenants(changes) ? after.tenants : 0;
  return (
    <Panel title={words.title}>
      <Stack>
        <DataTable caption={words.caption} columns={columns} rows={changes} rowKey={({ name }) => name} />
        <Text>{touchesTenants(changes) ? words.touches(after.tenants) : words.titleOnly}</Text>
        {error !== null && <ProblemAlert title={text.form.failed} error={error} />}
        {children}
        <Group>
          <Button onClick={onConfirm} loading={pending}>
            {words.submit(touched)}
          </Button>
          <Button variant="default" onClick={onBack}>
            {words.back}
          </Button>
        </Group>
      </Stack>
    </Panel>
  );
}
