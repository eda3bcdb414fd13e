import { Anchor, Code, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { GatewayEvent } from "../api/types";
import { type Column, DataTable } from "../parts/DataTable";
import { AnchorLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import classes from "./EventTable.module.css";
import { findGaps } from "./journal";
import { eventsText } from "./text";

const { columns: heads } = eventsText;

const columns: readonly Column<GatewayEvent>[] = [
  {
    id: "what",
    header: heads.what,
    names: true,
    cell: (event) => (
      <>
        <span data-bad={event.kind.endsWith(".failed") || undefined} className={classes.kind}>
          {eventsText.kind(event.kind)}
        </span>
        <Text size="xs" c="dimmed" fw={400} ff="monospace">
          {event.kind}
        </Text>
      </>
    ),
  },
  {
    id: "tenant",
    header: heads.tenant,
    cell: (event) => (
      <>
        {event.tenant_key && (
          <AnchorLink to="/tenants/$key" params={{ key: event.tenant_key }}>
            {event.tenant_key}
          </AnchorLink>
        )}
        {event.operation_id && (
          <>
            {" "}
            <Anchor component={Link} to={`/operations/${event.operation_id}`} size="sm">
              {eventsText.operation}
            </Anchor>
          </>
        )}
      </>
    ),
  },
  { id: "actor", header: heads.actor, cell: (event) => event.actor },
  {
    id: "data",
    header: heads.data,
    cell: (event) =>
      Object.keys(event.data).length > 0 && (
        <Code className="wrap-anywhere">{JSON.stringify(event.data)}</Code>
      ),
  },
  { id: "at", header: heads.at, whole: true, cell: (event) => <TimeAgo at={event.at} /> },
];

/** Events, newest first, with a mark where numbers are missing. */
export function EventTable({ events, isFiltered }: { events: readonly GatewayEvent[]; isFiltered: boolean }) {
  const missed = useMemo(() => findGaps(events, isFiltered), [events, isFiltered]);
  return (
    <DataTable
      caption={eventsText.caption}
      columns={columns}
      rows={events}
      rowKey={(event) => String(event.id)}
      dense
      below={(event) => {
        const count = missed.get(event.id);
        return (
          count !== undefined && (
            <Text size="sm" c="dimmed" title={eventsText.gapHint}>
              {eventsText.gap(count)}
            </Text>
          )
        );
      }}
    />
  );
}
