import { Table, Text, VisuallyHidden } from "@mantine/core";
import type { Tenant } from "../api/types";
import { AnchorLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import { text } from "../text";
import { HostLink } from "./HostLink";
import { StatusBadge } from "./StatusBadge";
import classes from "./TenantTable.module.css";

const { columns } = text.list;

/** The tenants as a table; on a narrow screen each row becomes a block with its column names. */
export function TenantTable({ tenants }: { tenants: readonly Tenant[] }) {
  return (
    <div className={classes.frame}>
      <Table verticalSpacing="sm" horizontalSpacing="md" highlightOnHover className={classes.table ?? ""}>
        <caption>
          <VisuallyHidden>{text.list.caption}</VisuallyHidden>
        </caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{columns.tenant}</Table.Th>
            <Table.Th scope="col">{columns.status}</Table.Th>
            <Table.Th scope="col">{columns.tier}</Table.Th>
            <Table.Th scope="col">{columns.host}</Table.Th>
            <Table.Th scope="col">{columns.migration}</Table.Th>
            <Table.Th scope="col">{columns.updated}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {tenants.map((tenant) => (
            <TenantRow key={tenant.id} tenant={tenant} />
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}

function TenantRow({ tenant }: { tenant: Tenant }) {
  return (
    <Table.Tr>
      <Table.Th scope="row" className={classes.name ?? ""}>
        <AnchorLink to="/tenants/$key" params={{ key: tenant.key }} fw={600} className="wrap-anywhere">
          {tenant.key}
        </AnchorLink>
        <Text size="sm" c="dimmed" fw={400} className="wrap-anywhere">
          {tenant.company_name}
        </Text>
      </Table.Th>
      <Table.Td data-label={columns.status}>
        <StatusBadge status={tenant.status} />
      </Table.Td>
      <Table.Td data-label={columns.tier}>{text.tier[tenant.tier]}</Table.Td>
      <Table.Td data-label={columns.host}>
        <HostLink tenant={tenant} />
      </Table.Td>
      <Table.Td data-label={columns.migration} className="numeric">
        {tenant.migration_version ?? text.none}
      </Table.Td>
      <Table.Td data-label={columns.updated} className={classes.time ?? ""}>
        <TimeAgo at={tenant.updated_at} />
      </Table.Td>
    </Table.Tr>
  );
}
