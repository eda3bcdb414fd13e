import { Text } from "@mantine/core";
import type { Tenant } from "../../api/types";
import type { Column } from "../../parts/DataTable";
import { AnchorLink } from "../../parts/RouterLink";
import { TimeAgo } from "../../parts/TimeAgo";
import { text } from "../../text";
import { addressOf } from "../address";
import { HostLink } from "../HostLink";
import { Labels } from "../Labels";
import { StatusBadge } from "../StatusBadge";
import { tenantsText } from "../text";
import type { CsvColumn } from "./csv";
import classes from "./tenantColumns.module.css";

const { columns: words } = tenantsText.list;

/** A column that can also be exported. */
export type TenantColumn = Column<Tenant> & CsvColumn<Tenant>;

/** Columns that are shown until somebody chooses others. */
export const HIDDEN_AT_FIRST: readonly string[] = ["tier", "server", "migration", "created"];

/** Every column of the list. `poolName` says what people call a pool. */
export const tenantColumns = (poolName: (id: string) => string): readonly TenantColumn[] => [
  {
    id: "tenant",
    header: words.tenant,
    names: true,
    sort: "key",
    cell: (tenant) => (
      <AnchorLink to="/tenants/$key" params={{ key: addressOf(tenant) }} fw={600} className="wrap-anywhere">
        {tenant.key}
      </AnchorLink>
    ),
    csv: ({ key }) => key,
  },
  {
    id: "company",
    header: words.company,
    sort: "company_name",
    cell: ({ company_name }) => <span className="wrap-anywhere">{company_name}</span>,
    csv: ({ company_name }) => company_name,
  },
  {
    id: "status",
    header: words.status,
    cell: (tenant) => (
      <>
        <StatusBadge status={tenant.status} />
        {tenant.paused && (
          <Text component="span" size="sm" c="dimmed">
            {" "}
            {tenantsText.list.paused}
          </Text>
        )}
      </>
    ),
    csv: ({ status }) => status,
  },
  { id: "tier", header: words.tier, cell: ({ tier }) => text.tier[tier], csv: ({ tier }) => tier },
  { id: "plan", header: words.plan, cell: ({ plan }) => plan, csv: ({ plan }) => plan },
  {
    id: "pool",
    header: words.pool,
    whole: true,
    cell: ({ pool_id }) => (pool_id ? poolName(pool_id) : text.none),
    csv: ({ pool_id }) => (pool_id ? poolName(pool_id) : ""),
  },
  {
    id: "server",
    header: words.server,
    cell: ({ server }) => server ?? text.none,
    csv: ({ server }) => server ?? "",
  },
  {
    id: "host",
    header: words.host,
    cell: (tenant) => (
      <span className={classes.host} title={tenant.host ?? undefined}>
        <HostLink tenant={tenant} />
      </span>
    ),
    csv: ({ host }) => host ?? "",
  },
  {
    id: "labels",
    header: words.labels,
    cell: ({ labels }) => (Object.keys(labels).length > 0 ? <Labels labels={labels} /> : text.none),
    csv: ({ labels }) =>
      Object.entries(labels)
        .map(([name, value]) => `${name}=${value}`)
        .join(" "),
  },
  {
    id: "migration",
    header: words.migration,
    numeric: true,
    cell: ({ migration_version }) => migration_version ?? text.none,
    csv: ({ migration_version }) => String(migration_version ?? ""),
  },
  {
    id: "created",
    header: words.created,
    whole: true,
    sort: "created_at",
    cell: ({ created_at }) => <TimeAgo at={created_at} />,
    csv: ({ created_at }) => created_at,
  },
  {
    id: "updated",
    header: words.updated,
    whole: true,
    sort: "updated_at",
    cell: ({ updated_at }) => <TimeAgo at={updated_at} />,
    csv: ({ updated_at }) => updated_at,
  },
];
