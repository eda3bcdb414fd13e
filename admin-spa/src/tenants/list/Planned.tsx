import { Group, Stack, Text } from "@mantine/core";
import { IconCircleCheck, IconHandStop } from "@tabler/icons-react";
import type { Batch, BatchTenant } from "../../api/batches";
import { tenantsText } from "../text";
import classes from "./Planned.module.css";

const words = tenantsText.bulk;
/** Names shown of each group; the number says how many there are. */
const NAMED = 100;

/** What a dry run says: who would be touched, and who not, grouped by the reason. */
export function Planned({ batch }: { batch: Batch }) {
  const tenants = batch.tenants ?? [];
  const taken = tenants.filter(({ state }) => state === "waiting");
  const reasons = new Map<string, BatchTenant[]>();
  for (const tenant of tenants) {
    if (tenant.state !== "refused") continue;
    const reason = tenant.error?.code ?? "";
    reasons.set(reason, [...(reasons.get(reason) ?? []), tenant]);
  }
  return (
    <Stack gap="xs">
      <Group gap={6}>
        <IconCircleCheck size={18} aria-hidden color="var(--tone-green)" />
        <Text fw={600}>{words.taken(taken.length)}</Text>
      </Group>
      <Names tenants={taken} />
      {[...reasons].map(([code, refused]) => (
        <div key={code}>
          <Group gap={6} align="flex-start" wrap="nowrap">
            <IconHandStop size={18} aria-hidden color="var(--tone-orange)" className={classes.sign} />
            <div>
              <Text fw={600}>{words.refused(refused.length)}</Text>
              <Text size="sm" className="wrap-anywhere">
                {refused[0]?.error?.message} <code>{code}</code>
              </Text>
            </div>
          </Group>
          <Names tenants={refused} />
        </div>
      ))}
      {taken.length === 0 && <Text>{words.none}</Text>}
    </Stack>
  );
}

function Names({ tenants }: { tenants: readonly BatchTenant[] }) {
  if (tenants.length === 0) return null;
  return (
    <details className={classes.names}>
      <summary>{words.names}</summary>
      <Text size="sm" className="wrap-anywhere">
        {tenants
          .slice(0, NAMED)
          .map(({ tenant_key }) => tenant_key)
          .join(", ")}
        {tenants.length > NAMED && ` ${words.andMore(tenants.length - NAMED)}`}
      </Text>
    </details>
  );
}
