import { Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import type { Batch, BatchTenant, BatchTenantState } from "../api/batches";
import { Badge } from "../parts/Badge";
import { type Column, DataTable } from "../parts/DataTable";
import { Panel } from "../parts/Panel";
import { AnchorLink } from "../parts/RouterLink";
import { text } from "../text";
import { tenantStates } from "./BatchProgress";
import { batchTenantLooks } from "./looks";
import { operationsText } from "./text";

const words = operationsText.batch;
/** Rows drawn at once: a batch can hold a thousand tenants. */
const SHOWN = 50;

/** What is told of each tenant of a batch. */
const batchTenantColumns: readonly Column<BatchTenant>[] = [
  {
    id: "tenant",
    header: words.tenantColumns.tenant,
    names: true,
    cell: ({ tenant_key }) => (
      <AnchorLink to="/tenants/$key" params={{ key: tenant_key }} className="wrap-anywhere">
        {tenant_key}
      </AnchorLink>
    ),
  },
  {
    id: "state",
    header: words.tenantColumns.state,
    cell: ({ state }) => <Badge look={batchTenantLooks[state]} moving={state === "running"} />,
  },
  {
    id: "operation",
    header: words.tenantColumns.operation,
    cell: ({ operation_id }) =>
      operation_id ? (
        <AnchorLink to="/operations/$id" params={{ id: operation_id }}>
          {words.show}
        </AnchorLink>
      ) : (
        text.none
      ),
  },
  {
    id: "error",
    header: words.tenantColumns.error,
    cell: ({ error }) =>
      error ? (
        <span className="wrap-anywhere">
          {error.message} <code>{error.code}</code>
        </span>
      ) : (
        text.none
      ),
  },
];

interface BatchTenantsProps {
  batch: Batch;
  /** Only those in this state. */
  only: BatchTenantState | undefined;
  onOnly: (state: BatchTenantState | undefined) => void;
}

/** How far a batch is with each of its tenants. */
export function BatchTenants({ batch, only, onOnly }: BatchTenantsProps) {
  const [shown, setShown] = useState(SHOWN);
  const tenants = batch.tenants ?? [];
  const chosen = only ? tenants.filter(({ state }) => state === only) : tenants;
  const present = tenantStates.filter((state) => batch.counts[state] > 0);
  return (
    <Panel title={words.tenantsTitle}>
      <Stack>
        <Group gap="xs" role="group" aria-label={words.filter}>
          <Button
            size="xs"
            variant={only ? "default" : "filled"}
            aria-pressed={!only}
            onClick={() => onOnly(undefined)}
          >
            {words.all(tenants.length)}
          </Button>
          {present.map((state) => (
            <Button
              key={state}
              size="xs"
              variant={only === state ? "filled" : "default"}
              aria-pressed={only === state}
              onClick={() => onOnly(state)}
            >
              {words.part(state, batch.counts[state])}
            </Button>
          ))}
        </Group>
        <DataTable
          caption={words.tenantsCaption}
          columns={batchTenantColumns}
          rows={chosen.slice(0, shown)}
          rowKey={({ tenant_id }) => tenant_id}
          dense
        />
        {chosen.length > shown && (
          <Group>
            <Button variant="default" onClick={() => setShown((before) => before + SHOWN)}>
              {words.more(Math.min(SHOWN, chosen.length - shown))}
            </Button>
            <Text size="sm" c="dimmed">
              {words.count(chosen.length)}
            </Text>
          </Group>
        )}
      </Stack>
    </Panel>
  );
}
