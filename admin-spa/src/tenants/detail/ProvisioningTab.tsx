import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { operationPageQuery } from "../../api/operations";
import type { Operation, Tenant } from "../../api/types";
import { OperationPanel } from "../../operations/OperationPanel";
import { operationColumns } from "../../operations/operationColumns";
import type { Column } from "../../parts/DataTable";
import { DataTable } from "../../parts/DataTable";
import { Loaded } from "../../parts/Loaded";
import { Panel } from "../../parts/Panel";
import { AnchorLink } from "../../parts/RouterLink";
import { text } from "../../text";
import { addressOf } from "../address";
import { detailText } from "./text";
import { useTenant } from "./useTenant";

const route = getRouteApi("/signed-in/tenants/$key/provisioning");
const words = detailText.provisioning;
const SHOWN = 20;

/** The chosen operation of a tenant, else its latest, live, and the list of the others. */
export function ProvisioningTab() {
  const tenant = useTenant();
  const { operation } = route.useSearch();
  if (!tenant) return null;
  const latest = tenant.operation?.id;
  const shown = operation ?? latest;
  return (
    <Stack>
      {shown && shown !== latest && (
        <AnchorLink
          to="/tenants/$key/provisioning"
          params={{ key: addressOf(tenant) }}
          size="sm"
          resetScroll={false}
        >
          {words.latest}
        </AnchorLink>
      )}
      {shown ? <OperationPanel key={shown} id={shown} linked /> : <Text c="dimmed">{words.none}</Text>}
      <Earlier tenant={tenant} shown={shown} />
    </Stack>
  );
}

/** As everywhere, but choosing one shows it here; the tenant is the one of the page. */
function columnsFor(tenant: Tenant): readonly Column<Operation>[] {
  return operationColumns.flatMap((column) => {
    if (column.id === "tenant") return [];
    if (column.id !== "kind") return [column];
    return [
      {
        ...column,
        cell: (operation: Operation) => (
          <AnchorLink
            to="/tenants/$key/provisioning"
            params={{ key: addressOf(tenant) }}
            search={{ operation: operation.id }}
            resetScroll={false}
            fw={600}
          >
            {text.operationKind[operation.kind]}
          </AnchorLink>
        ),
      },
    ];
  });
}

function Earlier({ tenant, shown }: { tenant: Tenant; shown: string | undefined }) {
  const query = useQuery(operationPageQuery({ tenant: tenant.id }, undefined, SHOWN));
  return (
    <Panel title={words.earlier}>
      <Loaded query={query}>
        {(page) => (
          <Stack gap="sm">
            <DataTable
              caption={words.earlier}
              columns={columnsFor(tenant)}
              rows={page.items}
              rowKey={({ id }) => id}
              current={shown}
              dense
            />
            {page.next_cursor !== null && (
              <AnchorLink to="/operations" search={{ tenant: tenant.key }}>
                {words.all}
              </AnchorLink>
            )}
          </Stack>
        )}
      </Loaded>
    </Panel>
  );
}
