import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Badge } from "../parts/Badge";
import { type Column, DataTable } from "../parts/DataTable";
import { Loaded } from "../parts/Loaded";
import { Panel } from "../parts/Panel";
import { TimeAgo } from "../parts/TimeAgo";
import { type Pool, type PoolMember, poolMembersQuery } from "./api";
import { memberLooks } from "./looks";
import { text } from "./text";

const { memberColumns: words } = text.one;
/** As many characters as Docker itself shows of an id. */
const SHORT_ID = 12;

const columns: readonly Column<PoolMember>[] = [
  {
    id: "url",
    header: words.url,
    names: true,
    cell: (member) => <code className="wrap-anywhere">{member.url}</code>,
  },
  { id: "state", header: words.state, cell: (member) => <Badge look={memberLooks[member.state]} /> },
  {
    id: "since",
    header: words.since,
    cell: (member) => (member.since ? <TimeAgo at={member.since} /> : text.one.notAsked),
  },
  { id: "used", header: words.used, cell: (member) => (member.used ? text.one.used : text.one.unused) },
];

const containerColumn: Column<PoolMember> = {
  id: "container",
  header: words.container,
  cell: ({ container_id: id, image_id: image }) =>
    id ? (
      <code title={image ? text.one.runs(id, image) : id}>{id.slice(0, SHORT_ID)}</code>
    ) : (
      text.one.noContainer
    ),
};

/** The members of a pool: how each was when a worker last asked it, and whether tenants are led there. */
export function PoolMembers({ pool }: { pool: Pool }) {
  const query = useQuery(poolMembersQuery(pool.name));
  return (
    <Panel title={text.one.members} hint={text.one.membersHint}>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <Text>{text.one.noMembers}</Text>
          ) : (
            <DataTable
              dense
              caption={text.one.members}
              columns={pool.managed ? [...columns, containerColumn] : columns}
              rows={items}
              rowKey={(member) => member.url}
            />
          )
        }
      </Loaded>
    </Panel>
  );
}
