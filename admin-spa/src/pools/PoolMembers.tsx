import { useQuery } from "@tanstack/react-query";
import { api, unwrapWhole } from "../api/client";
import type { TenantPage } from "../api/types";
import { type Column, DataTable } from "../parts/DataTable";
import { Panel } from "../parts/Panel";
import { routeOfQuery } from "../routes/api";
import { ServerHealth } from "../routes/FlowPicture";
import type { RouteServer } from "../routes/types";
import type { Pool } from "./api";
import { text } from "./text";

type Member = Pick<RouteServer, "url"> & { up: boolean | null | undefined };

const { memberColumns: words } = text.one;
const columns: readonly Column<Member>[] = [
  {
    id: "url",
    header: words.url,
    names: true,
    cell: (member) => <code className="wrap-anywhere">{member.url}</code>,
  },
  {
    id: "health",
    header: words.health,
    cell: (member) => (member.up === undefined ? text.one.healthUnknown : <ServerHealth up={member.up} />),
  },
];

/** Two ways to write one address: with and without the slash at its end. */
const isSameUrl = (one: string, other: string) => one.replace(/\/$/, "") === other.replace(/\/$/, "");

/** The URLs of a pool, each with what Traefik finds behind the route of a tenant in it. */
export function PoolMembers({ pool }: { pool: Pool }) {
  const served = useQuery({
    queryKey: ["tenants", "served-by", pool.id],
    queryFn: ({ signal }) =>
      unwrapWhole<TenantPage>(
        api.GET("/api/gateway/tenants", {
          params: { query: { pool_id: pool.id, status: "active", limit: 1 } },
          signal,
        }),
      ),
    enabled: pool.tenants > 0,
  }).data?.items[0];
  const held = useQuery({ ...routeOfQuery(served?.key ?? ""), enabled: served !== undefined }).data?.held;
  const members = pool.members.map((url) => ({
    url,
    up: held?.servers.find((server) => isSameUrl(server.url, url))?.up,
  }));
  return (
    <Panel title={text.one.members} hint={text.one.membersHint}>
      <DataTable
        dense
        caption={text.one.members}
        columns={columns}
        rows={members}
        rowKey={(member) => member.url}
      />
    </Panel>
  );
}
