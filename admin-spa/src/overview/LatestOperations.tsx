import { Anchor, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Operation } from "../api/types";
import { usePoll } from "../live/LiveProvider";
import { operationLooks } from "../operations/looks";
import { Badge } from "../parts/Badge";
import { type Column, DataTable } from "../parts/DataTable";
import { Loaded } from "../parts/Loaded";
import { linkTo } from "../parts/linkTo";
import { Panel } from "../parts/Panel";
import { AnchorLink, ButtonLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import { text } from "../text";
import { latestQuery } from "./api";
import { overviewText } from "./text";

const words = overviewText.operations;
const { columns: heads } = words;
const POLL_MS = 10_000;

const columns: readonly Column<Operation>[] = [
  {
    id: "what",
    header: heads.what,
    names: true,
    cell: (operation) => (
      <Anchor component={Link} to={`/operations/${operation.id}`}>
        {text.operationKind[operation.kind]}
      </Anchor>
    ),
  },
  {
    id: "tenant",
    header: heads.tenant,
    cell: (operation) => (
      <AnchorLink to="/tenants/$key" params={{ key: operation.tenant_key }}>
        {operation.tenant_key}
      </AnchorLink>
    ),
  },
  { id: "state", header: heads.state, cell: (operation) => <Badge look={operationLooks[operation.state]} /> },
  { id: "by", header: heads.by, cell: (operation) => operation.requested_by },
  { id: "at", header: heads.at, whole: true, cell: (operation) => <TimeAgo at={operation.created_at} /> },
];

/** What was asked for last, over all tenants. */
export function LatestOperations() {
  const refetchInterval = usePoll(POLL_MS);
  const latest = useQuery({ ...latestQuery, refetchInterval });
  return (
    <Panel
      title={words.title}
      actions={
        <ButtonLink {...linkTo("/operations")} variant="default" size="xs">
          {words.all}
        </ButtonLink>
      }
    >
      <Loaded query={latest} height={200}>
        {(operations) =>
          operations.length === 0 ? (
            <Text c="dimmed">{words.none}</Text>
          ) : (
            <DataTable
              caption={words.caption}
              columns={columns}
              rows={operations}
              rowKey={(operation) => operation.id}
              dense
            />
          )
        }
      </Loaded>
    </Panel>
  );
}
