import { Button, Text, Tooltip } from "@mantine/core";
import { Badge } from "../parts/Badge";
import type { Column } from "../parts/DataTable";
import { AnchorLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import { StatusBadge } from "../tenants/StatusBadge";
import type { Drift } from "./api";
import { repairLooks } from "./looks";
import { text } from "./text";

const { columns: words } = text.drift;

/** A value beside the one it differs from. */
const Value = ({ of }: { of: string | null | undefined }) =>
  of && (
    <Text component="code" display="block" miw="9rem" size="xs" ff="monospace" className="wrap-anywhere">
      {of}
    </Text>
  );

const shown: readonly Column<Drift>[] = [
  {
    id: "tenant",
    header: words.tenant,
    names: true,
    cell: (drift) => (
      <AnchorLink to="/tenants/$key" params={{ key: drift.tenant_key }} fw={600}>
        {drift.tenant_key}
      </AnchorLink>
    ),
  },
  { id: "status", header: words.status, cell: (drift) => <StatusBadge status={drift.tenant_status} /> },
  {
    id: "what",
    header: words.what,
    cell: (drift) => (
      <div>
        <Text size="sm" fw={600}>
          {text.kind[drift.kind]}
        </Text>
        <Text size="sm" className="wrap-anywhere">
          {drift.what}
        </Text>
      </div>
    ),
  },
  { id: "wanted", header: words.wanted, cell: (drift) => <Value of={drift.wanted} /> },
  { id: "observed", header: words.observed, cell: (drift) => <Value of={drift.observed} /> },
  { id: "since", header: words.since, whole: true, cell: (drift) => <TimeAgo at={drift.first_seen_at} /> },
  {
    id: "repair",
    header: words.repair,
    cell: (drift) => (
      <Tooltip label={text.repairMeaning[drift.repair]} events={{ hover: true, focus: true, touch: true }}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: its meaning is read on focus too */}
        <span tabIndex={0}>
          <Badge look={repairLooks[drift.repair]} moving={drift.repair === "asked"} />
        </span>
      </Tooltip>
    ),
  },
];

/** The columns of the list of drift; with a button each where somebody may repair. */
export const columnsOf = (onRepair: ((key: string) => void) | null): readonly Column<Drift>[] =>
  onRepair === null
    ? shown
    : [
        ...shown,
        {
          id: "act",
          header: words.act,
          // What a look cannot heal is not offered: somebody has to see to it.
          cell: (drift) =>
            drift.repair !== "impossible" && (
              <Button
                variant="default"
                size="xs"
                aria-label={text.drift.repairOne(drift.tenant_key)}
                onClick={() => onRepair(drift.tenant_key)}
              >
                {text.drift.repairWord}
              </Button>
            ),
        },
      ];
