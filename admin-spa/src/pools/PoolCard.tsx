import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import { CapacityBar } from "../fleet/CapacityBar";
import { Badge } from "../parts/Badge";
import { AnchorLink } from "../parts/RouterLink";
import type { Pool } from "./api";
import { poolLooks } from "./looks";
import { text } from "./text";

/** How full a pool is, whether it takes tenants, and how much of them it draws. */
export function PoolCard({ pool }: { pool: Pool }) {
  return (
    <Paper component="article" withBorder p="md" bg="var(--surface)" aria-label={pool.name}>
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Title order={2} size="h5">
            <AnchorLink to="/pools/$name" params={{ name: pool.name }} inherit>
              {pool.name}
            </AnchorLink>
          </Title>
          <Badge look={poolLooks[pool.state]} />
        </Group>
        <PoolBar pool={pool} />
        {pool.problem && (
          <Text size="sm" c="var(--tone-red)">
            {pool.problem.message}
          </Text>
        )}
        <Text size="sm" c="dimmed">
          {text.membersOf(pool.healthy_members, pool.replicas ?? pool.members.length)},{" "}
          {text.weight(pool.weight)}
          {pool.managed && ` · ${text.managed}`}
          {pool.from_settings && ` · ${text.fromSettings}`}
        </Text>
      </Stack>
    </Paper>
  );
}

/** The tenants in a pool against what it takes. */
export const PoolBar = ({ pool }: { pool: Pool }) => (
  <CapacityBar label={text.tenantsLabel} amount={{ used: pool.tenants, limit: pool.capacity ?? null }} />
);
