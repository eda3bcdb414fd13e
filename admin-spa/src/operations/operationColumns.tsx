import type { Operation } from "../api/types";
import { Badge } from "../parts/Badge";
import type { Column } from "../parts/DataTable";
import { AnchorLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import { text } from "../text";
import { between, duration } from "../time";
import { operationLooks } from "./looks";
import { operationsText } from "./text";

const { columns } = operationsText.list;

/** The columns of a table of operations. */
export const operationColumns: readonly Column<Operation>[] = [
  {
    id: "kind",
    header: columns.kind,
    names: true,
    cell: (operation) => (
      <AnchorLink to="/operations/$id" params={{ id: operation.id }} fw={600}>
        {text.operationKind[operation.kind]}
      </AnchorLink>
    ),
  },
  {
    id: "tenant",
    header: columns.tenant,
    cell: (operation) => (
      <AnchorLink to="/tenants/$key" params={{ key: operation.tenant_key }} className="wrap-anywhere">
        {operation.tenant_key}
      </AnchorLink>
    ),
  },
  {
    id: "state",
    header: columns.state,
    cell: (operation) => (
      <>
        <Badge look={operationLooks[operation.state]} moving={operation.state === "running"} />
        {operation.error && operation.state !== "succeeded" && <code> {operation.error.code}</code>}
      </>
    ),
  },
  {
    id: "created",
    header: columns.created,
    whole: true,
    cell: (operation) => <TimeAgo at={operation.created_at} />,
  },
  {
    id: "by",
    header: columns.by,
    cell: (operation) => <span className="wrap-anywhere">{operation.reason ?? operation.requested_by}</span>,
  },
  { id: "attempt", header: columns.attempt, numeric: true, cell: (operation) => operation.attempt },
  {
    id: "duration",
    header: columns.duration,
    numeric: true,
    whole: true,
    cell: ({ started_at, ended_at }) =>
      started_at && ended_at ? duration(between(started_at, ended_at, 0)) : text.none,
  },
];
