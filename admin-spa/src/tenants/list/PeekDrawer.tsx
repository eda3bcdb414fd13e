import { Drawer, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { asProblem } from "../../api/problem";
import { tenantQuery } from "../../api/tenants";
import { Facts } from "../../parts/Facts";
import { Loaded } from "../../parts/Loaded";
import { ButtonLink } from "../../parts/RouterLink";
import { TimeAgo } from "../../parts/TimeAgo";
import { text } from "../../text";
import { addressOf } from "../address";
import { TenantState } from "../detail/TenantState";
import { HostLink } from "../HostLink";
import { Labels } from "../Labels";
import { StatusBadge } from "../StatusBadge";
import { tenantsText } from "../text";

const words = tenantsText.peek;
const { fields } = text.tenant;

/** A tenant beside the list it stands in. */
export function PeekDrawer({ tenantKey, onClose }: { tenantKey: string | undefined; onClose: () => void }) {
  return (
    <Drawer
      opened={tenantKey !== undefined}
      onClose={onClose}
      position="right"
      size="md"
      title={tenantKey ?? ""}
      closeButtonProps={{ "aria-label": words.close }}
    >
      {tenantKey !== undefined && <Peek tenantKey={tenantKey} />}
    </Drawer>
  );
}

function Peek({ tenantKey }: { tenantKey: string }) {
  const query = useQuery(tenantQuery(tenantKey));
  if (query.isError && asProblem(query.error).status === 404) return <Text>{words.missing}</Text>;
  return (
    <Loaded query={query} height={240}>
      {(tenant) => (
        <Stack>
          <StatusBadge status={tenant.status} />
          <TenantState tenant={tenant} />
          <Facts
            facts={[
              { name: fields.host, value: tenant.host && <HostLink tenant={tenant} /> },
              { name: fields.tier, value: text.tier[tenant.tier] },
              { name: tenantsText.list.columns.plan, value: tenant.plan },
              { name: fields.server, value: tenant.server },
              Object.keys(tenant.labels).length > 0 && {
                name: tenantsText.labels.title,
                value: <Labels labels={tenant.labels} />,
              },
              { name: fields.created, value: <TimeAgo at={tenant.created_at} /> },
              { name: fields.updated, value: <TimeAgo at={tenant.updated_at} /> },
              { name: fields.id, value: tenant.id, copy: tenant.id },
            ]}
          />
          <ButtonLink to="/tenants/$key" params={{ key: addressOf(tenant) }}>
            {words.open}
          </ButtonLink>
        </Stack>
      )}
    </Loaded>
  );
}
