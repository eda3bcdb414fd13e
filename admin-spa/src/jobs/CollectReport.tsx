import { Stack, Text, Title } from "@mantine/core";
import { Verdict } from "../fleet/Verdict";
import { type Column, DataTable } from "../parts/DataTable";
import { text } from "./text";
import type { CollectResult } from "./types";

type Named = CollectResult["kept"][number];

const { columns: words } = text.collect;
const kinds: Readonly<Record<string, string>> = text.orphanKind;
const named: readonly Column<Named>[] = [
  { id: "kind", header: words.kind, cell: (object) => kinds[object.kind] ?? object.kind },
  { id: "place", header: words.place, cell: (object) => object.place },
  {
    id: "name",
    header: words.name,
    names: true,
    cell: (object) => <code className="wrap-anywhere">{object.name}</code>,
  },
];
const withReason: readonly Column<Named>[] = [
  ...named,
  { id: "why", header: words.why, cell: (object) => <span className="wrap-anywhere">{object.why}</span> },
];

/** Objects outside, by kind, place and name; with the reason where they were kept. */
export function ObjectTable({
  caption,
  objects,
  reasons = false,
}: {
  caption: string;
  objects: readonly Named[];
  reasons?: boolean;
}) {
  return (
    <DataTable
      dense
      caption={caption}
      columns={reasons ? withReason : named}
      rows={objects}
      rowKey={(object) => `${object.kind} ${object.place} ${object.name}`}
    />
  );
}

/** What a collection of orphans removed, or would remove, and what stays. */
export function CollectReport({ report }: { report: CollectResult }) {
  const { collected, kept } = report;
  const sentence = (report.dry_run ? text.collect.wouldRemove : text.collect.removed)(collected.length);
  return (
    <Stack gap="md">
      <Verdict tone={collected.length > 0 ? "orange" : "green"}>{sentence}</Verdict>
      {collected.length > 0 && (
        <div>
          <Title order={3} size="h5" mb="xs">
            {report.dry_run ? text.collect.gone : text.collect.goneFor}
          </Title>
          <ObjectTable
            caption={report.dry_run ? text.collect.gone : text.collect.goneFor}
            objects={collected}
          />
        </div>
      )}
      {kept.length > 0 && (
        <div>
          <Title order={3} size="h5" mb={4}>
            {text.collect.stays}
          </Title>
          <Text size="sm" c="dimmed" mb="xs">
            {text.collect.kept(kept.length)}
          </Text>
          <ObjectTable caption={text.collect.stays} objects={kept} reasons />
        </div>
      )}
    </Stack>
  );
}
