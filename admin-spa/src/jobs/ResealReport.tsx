import { Stack } from "@mantine/core";
import { Verdict } from "../fleet/Verdict";
import { type Column, DataTable } from "../parts/DataTable";
import { text } from "./text";
import type { ResealResult } from "./types";

const { columns: words } = text.reseal;
const columns: readonly Column<[string, number]>[] = [
  { id: "key", header: words.key, names: true, cell: ([key]) => <code>{key}</code> },
  { id: "count", header: words.count, numeric: true, cell: ([, secrets]) => secrets },
];

/** What sealing every secret again did, and which keys are still needed. */
export function ResealReport({ report }: { report: ResealResult }) {
  return (
    <Stack gap="md">
      <Verdict tone={report.unreadable > 0 ? "red" : "green"}>
        {report.dry_run ? text.reseal.wouldDo(report.key) : text.reseal.done(report.resealed, report.key)}
      </Verdict>
      {report.unreadable > 0 && <Verdict tone="red">{text.reseal.unreadable(report.unreadable)}</Verdict>}
      <DataTable
        dense
        caption={text.reseal.caption}
        columns={columns}
        rows={Object.entries(report.sealed_by)}
        rowKey={([key]) => key}
      />
    </Stack>
  );
}
