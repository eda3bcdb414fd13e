import { Code, Stack, Text } from "@mantine/core";
import { Verdict } from "../fleet/Verdict";
import { type Column, DataTable } from "../parts/DataTable";
import { AnchorLink } from "../parts/RouterLink";
import { ObjectTable } from "./CollectReport";
import { Troubles } from "./Troubles";
import { text } from "./text";
import type { ReconcileResult } from "./types";

type Found = ReconcileResult["drift"][number];

const { columns: words } = text.reconcile;
const columns: readonly Column<Found>[] = [
  {
    id: "tenant",
    header: words.tenant,
    names: true,
    cell: (found) => (
      <AnchorLink to="/tenants/$key" params={{ key: found.tenant_key }}>
        {found.tenant_key}
      </AnchorLink>
    ),
  },
  { id: "what", header: words.what, cell: (found) => <span className="wrap-anywhere">{found.what}</span> },
  { id: "wanted", header: words.wanted, cell: (found) => found.wanted && <Code>{found.wanted}</Code> },
  {
    id: "observed",
    header: words.observed,
    cell: (found) => found.observed && <Code>{found.observed}</Code>,
  },
  {
    id: "repair",
    header: words.repair,
    cell: (found) => (found.repaired ? text.reconcile.asked : text.reconcile.left),
  },
];

/** What a look for drift found and did. */
export function DriftReport({ report }: { report: ReconcileResult }) {
  const { drift, orphans, refused, republished } = report;
  const repairing = drift.filter((found) => found.repaired).length;
  return (
    <Stack gap="md">
      {drift.length === 0 ? (
        <Verdict tone="green">{text.reconcile.none}</Verdict>
      ) : (
        <Verdict tone="orange">{text.reconcile.found(drift.length)}</Verdict>
      )}
      <Text size="sm" c="dimmed">
        {text.lookedAt(report.tenants)}
        {repairing > 0 && ` ${text.reconcile.repairing(repairing)}`}
      </Text>
      {republished && (
        <Text size="sm">
          {text.reconcile.republished(republished.tenants, republished.keys, republished.removed)}
          {republished.unsettled > 0 && ` ${text.reconcile.unsettled(republished.unsettled)}`}
          {republished.fenced.length > 0 && ` ${text.reconcile.fenced(republished.fenced.length)}`}
        </Text>
      )}
      {refused && (
        <Stack gap={4}>
          <Verdict tone="red">{text.reconcile.refused}</Verdict>
          <Text size="sm" className="wrap-anywhere">
            {refused.message} <code>{refused.code}</code>
          </Text>
        </Stack>
      )}
      {drift.length > 0 && (
        <DataTable
          caption={text.reconcile.caption}
          columns={columns}
          rows={drift}
          rowKey={(found) => `${found.tenant_id} ${found.kind} ${found.what}`}
        />
      )}
      <Troubles troubles={report.unknown} />
      {orphans.length > 0 && (
        <Stack gap="xs">
          <Text>{text.reconcile.orphans(orphans.length)}</Text>
          <ObjectTable caption={text.reconcile.orphansCaption} objects={orphans} />
        </Stack>
      )}
    </Stack>
  );
}
