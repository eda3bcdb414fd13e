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

/** How it was wanted, or found, where that is said. */
const Value = ({ name, of }: { name: string; of: string | null | undefined }) =>
  of && (
    <Text size="xs" className="wrap-anywhere">
      <Text component="span" size="xs" c="dimmed">
        {name}{" "}
      </Text>
      <code>{of}</code>
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
        <Value name={words.wanted} of={drift.wanted} />
        <Value name={words.observed} of={drift.observed} />
      </div>
    ),
  },
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
