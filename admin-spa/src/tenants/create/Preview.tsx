import { Skeleton, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Tenant } from "../../api/types";
import { Facts } from "../../parts/Facts";
import { Panel } from "../../parts/Panel";
import { ProblemAlert } from "../../parts/ProblemAlert";
import { poolListQuery } from "../../pools/api";
import { useMay } from "../../session/useMay";
import { text } from "../../text";
import { Labels } from "../Labels";
import { tenantsText } from "../text";
import type { TenantForm } from "./useTenantForm";

const words = tenantsText.create;
const { previewFields: fields } = words;

/** What the gateway would make of what is typed, from a dry run of the very call. */
export function Preview({ form: { ready, planned, typed } }: { form: TenantForm }) {
  return (
    <Panel title={words.preview}>
      {!ready ? (
        <Text c="dimmed">{words.previewWaiting}</Text>
      ) : planned.data ? (
        <Made tenant={planned.data} host={typed.host.trim()} />
      ) : planned.isError ? (
        <ProblemAlert title={words.previewRefused} error={planned.error} />
      ) : (
        <Skeleton height={160} role="status" aria-label={text.loading} />
      )}
    </Panel>
  );
}

function Made({ tenant, host }: { tenant: Tenant; host: string }) {
  const may = useMay();
  const pools = useQuery({ ...poolListQuery, enabled: may("fleet:read") }).data;
  const pool = pools?.find(({ id }) => id === tenant.pool_id)?.name ?? tenant.pool_id;
  return (
    <Stack>
      <Facts
        facts={[
          { name: fields.url, value: tenant.url ?? tenant.host ?? (host || null) },
          { name: fields.database, value: fields.databaseValue },
          {
            name: fields.served,
            value: tenant.tier === "dedicated" ? fields.container : pool && fields.pool(pool),
          },
          { name: fields.network, value: text.tenant.network[tenant.network] },
          { name: fields.plan, value: tenant.plan },
          Object.keys(tenant.labels).length > 0 && {
            name: fields.labels,
            value: <Labels labels={tenant.labels} />,
          },
          { name: fields.status, value: text.status[tenant.status] },
        ]}
      />
    </Stack>
  );
}
