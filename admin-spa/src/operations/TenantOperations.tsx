import { Button, Stack, Table, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useId } from "react";
import { operationListQuery } from "../api/operations";
import type { Operation, Tenant } from "../api/types";
import { Badge } from "../parts/Badge";
import { ProblemAlert } from "../parts/ProblemAlert";
import { AnchorLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import { text } from "../text";
import { between, duration } from "../time";
import { operationLooks } from "./looks";
import { OperationPanel } from "./OperationPanel";
import classes from "./TenantOperations.module.css";

/** The chosen operation of a tenant, else its latest, and the list of the others. */
export function TenantOperations({ tenant, selected }: { tenant: Tenant; selected: string | undefined }) {
  const heading = useId();
  const list = useInfiniteQuery(operationListQuery(tenant.key));
  const operations = list.data?.pages.flatMap((page) => page.items) ?? [];
  const latest = tenant.operation?.id ?? operations[0]?.id;
  const shown = selected ?? latest;
  const earlier = operations.filter((operation) => operation.id !== latest);

  return (
    <>
      <Stack gap="xs">
        {shown && shown !== latest && (
          <AnchorLink to="/tenants/$key" params={{ key: tenant.key }} size="sm" resetScroll={false}>
            {text.operation.latest}
          </AnchorLink>
        )}
        {shown && <OperationPanel key={shown} id={shown} />}
        {!shown && list.isSuccess && <Text c="dimmed">{text.operation.empty}</Text>}
      </Stack>
      <section aria-labelledby={heading}>
        <Title order={2} size="h4" mb="sm" id={heading}>
          {text.operation.earlier}
        </Title>
        {list.isError && <ProblemAlert error={list.error} onRetry={() => void list.refetch()} />}
        {list.isSuccess && earlier.length === 0 && <Text c="dimmed">{text.operation.earlierEmpty}</Text>}
        {earlier.length > 0 && <OperationTable operations={earlier} tenantKey={tenant.key} shown={shown} />}
        {list.hasNextPage && (
          <Button
            mt="sm"
            variant="default"
            onClick={() => void list.fetchNextPage()}
            loading={list.isFetchingNextPage}
          >
            {text.list.more}
          </Button>
        )}
      </section>
    </>
  );
}

interface OperationTableProps {
  operations: readonly Operation[];
  tenantKey: string;
  shown: string | undefined;
}

function OperationTable({ operations, tenantKey, shown }: OperationTableProps) {
  const { columns } = text.operation;
  return (
    <div className={classes.frame}>
      <Table verticalSpacing="xs" horizontalSpacing="md">
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{columns.kind}</Table.Th>
            <Table.Th scope="col">{columns.state}</Table.Th>
            <Table.Th scope="col">{columns.started}</Table.Th>
            <Table.Th scope="col" className={classes.wide ?? ""}>
              {columns.by}
            </Table.Th>
            <Table.Th scope="col" className={classes.wide ?? ""}>
              {columns.duration}
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {operations.map((operation) => (
            <Table.Tr key={operation.id} aria-current={operation.id === shown ? "true" : undefined}>
              <Table.Th scope="row">
                <AnchorLink
                  to="/tenants/$key"
                  params={{ key: tenantKey }}
                  search={{ operation: operation.id }}
                  resetScroll={false}
                >
                  {text.operationKind[operation.kind]}
                </AnchorLink>
              </Table.Th>
              <Table.Td>
                <Badge look={operationLooks[operation.state]} />
              </Table.Td>
              <Table.Td>
                <TimeAgo at={operation.created_at} />
              </Table.Td>
              <Table.Td className={classes.wide ?? ""}>{operation.requested_by}</Table.Td>
              <Table.Td className={`${classes.wide} numeric`}>
                {operation.started_at && operation.ended_at
                  ? duration(between(operation.started_at, operation.ended_at, 0))
                  : text.none}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
