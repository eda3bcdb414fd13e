import { Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { operationQuery } from "../../api/operations";
import type { Tenant } from "../../api/types";
import { operationLooks } from "../../operations/looks";
import { Badge } from "../../parts/Badge";
import { SameWith } from "../../parts/CommandLine";
import { Facts } from "../../parts/Facts";
import { Panel } from "../../parts/Panel";
import { AnchorLink } from "../../parts/RouterLink";
import { TimeAgo } from "../../parts/TimeAgo";
import { planListQuery } from "../../plans/api";
import { poolListQuery } from "../../pools/api";
import { useMay } from "../../session/useMay";
import { text } from "../../text";
import { addressOf } from "../address";
import { HostLink } from "../HostLink";
import { Labels } from "../Labels";
import { planFacts } from "../planFacts";
import { ActivityTable } from "./ActivityTable";
import { networkOf } from "./networkOf";
import { detailText } from "./text";
import { useActivity } from "./useActivity";
import { useTenant } from "./useTenant";
import { useTenantDrift } from "./useTenantDrift";

const words = detailText.overview;
const { fields } = text.tenant;
const SHOWN = 5;

/** A tenant at a glance. */
export function OverviewTab() {
  const tenant = useTenant();
  if (!tenant) return null;
  return (
    <Stack>
      <DriftNote tenantKey={addressOf(tenant)} />
      <TenantFacts tenant={tenant} />
      <PlanLimits tenant={tenant} />
      <LatestOperation tenant={tenant} />
      <LatestActivity tenant={tenant} />
      <SameWith
        cli={detailText.cli(tenant.key)}
        call={{ method: "GET", path: `/api/gateway/tenants/${tenant.key}` }}
      />
    </Stack>
  );
}

function DriftNote({ tenantKey }: { tenantKey: string }) {
  const count = useTenantDrift(tenantKey).data?.items.length ?? 0;
  if (count === 0) return null;
  return (
    <Text c="var(--tone-orange)">
      {words.drift(count)}{" "}
      <AnchorLink to="/tenants/$key/resources" params={{ key: tenantKey }} inherit>
        {words.toResources}
      </AnchorLink>
    </Text>
  );
}

function TenantFacts({ tenant }: { tenant: Tenant }) {
  const may = useMay();
  const pools = useQuery({ ...poolListQuery, enabled: may("fleet:read") && tenant.pool_id !== null }).data;
  const pool = pools?.find(({ id }) => id === tenant.pool_id);
  return (
    <Panel title={words.facts}>
      <Facts
        facts={[
          {
            name: fields.host,
            value: tenant.host && <HostLink tenant={tenant} />,
            copy: tenant.host ?? undefined,
          },
          { name: fields.tier, value: text.tier[tenant.tier] },
          {
            name: fields.pool,
            value: pool ? (
              <AnchorLink to="/pools/$name" params={{ name: pool.name }}>
                {pool.name}
              </AnchorLink>
            ) : (
              tenant.pool_id
            ),
          },
          { name: fields.server, value: tenant.server },
          { name: fields.database, value: tenant.database, copy: tenant.database ?? undefined },
          { name: fields.migration, value: tenant.migration_version },
          { name: fields.network, value: networkOf(tenant) },
          tenant.route_pinned && { name: fields.route, value: text.tenant.pinned },
          { name: fields.image, value: tenant.container_image },
          {
            name: words.labels,
            value: Object.keys(tenant.labels).length > 0 ? <Labels labels={tenant.labels} /> : words.noLabels,
          },
          tenant.notes !== "" && {
            name: words.notes,
            value: <span style={{ whiteSpace: "pre-wrap" }}>{tenant.notes}</span>,
          },
          {
            name: fields.generation,
            value: text.tenant.generation(tenant.generation, tenant.observed_generation),
          },
          tenant.attempt > 1 && { name: fields.attempt, value: tenant.attempt },
          { name: fields.created, value: <TimeAgo at={tenant.created_at} /> },
          { name: fields.updated, value: <TimeAgo at={tenant.updated_at} /> },
          tenant.deleted_at !== null && { name: fields.deleted, value: <TimeAgo at={tenant.deleted_at} /> },
          { name: fields.id, value: tenant.id, copy: tenant.id },
        ]}
      />
    </Panel>
  );
}

function PlanLimits({ tenant }: { tenant: Tenant }) {
  const may = useMay();
  const plans = useQuery({ ...planListQuery, enabled: may("fleet:read") }).data;
  const plan = plans?.find(({ name }) => name === tenant.plan);
  if (!plan) return null;
  return (
    <Panel title={words.plan(plan.title || plan.name)} hint={words.planHint}>
      <Facts facts={planFacts(plan, tenant.tier === "dedicated")} />
    </Panel>
  );
}

function LatestOperation({ tenant }: { tenant: Tenant }) {
  const may = useMay();
  const id = tenant.operation?.id;
  const allowed = may("operations:read");
  const operation = useQuery({
    ...operationQuery(id ?? "", true),
    enabled: allowed && id !== undefined,
  }).data;
  if (!operation || !allowed) return null;
  return (
    <Panel title={words.latest}>
      <Group gap="sm">
        <Text component="span" fw={600}>
          {text.operationKind[operation.kind]}
        </Text>
        <Badge look={operationLooks[operation.state]} moving={operation.state === "running"} />
        <Text component="span" size="sm" c="dimmed">
          <TimeAgo at={operation.created_at} />
        </Text>
        <AnchorLink to="/tenants/$key/provisioning" params={{ key: addressOf(tenant) }} size="sm">
          {words.toProvisioning}
        </AnchorLink>
      </Group>
    </Panel>
  );
}

function LatestActivity({ tenant }: { tenant: Tenant }) {
  const { entries } = useActivity(tenant);
  if (entries.length === 0) return null;
  return (
    <Panel
      title={words.happened}
      actions={
        <AnchorLink to="/tenants/$key/activity" params={{ key: addressOf(tenant) }} size="sm">
          {words.toActivity}
        </AnchorLink>
      }
    >
      <ActivityTable entries={entries.slice(0, SHOWN)} />
    </Panel>
  );
}
