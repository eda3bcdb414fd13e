import { SimpleGrid, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { Tenant } from "../../api/types";
import { CapacityBar } from "../../fleet/CapacityBar";
import { bytes } from "../../fleet/numbers";
import { Verdict } from "../../fleet/Verdict";
import { SameWith } from "../../parts/CommandLine";
import { Facts } from "../../parts/Facts";
import { Loaded } from "../../parts/Loaded";
import { Panel } from "../../parts/Panel";
import { TimeAgo } from "../../parts/TimeAgo";
import { addressOf } from "../address";
import { statsQuery, type TenantStats } from "./container";
import { detailText } from "./text";
import { useTenant } from "./useTenant";

const words = detailText.stats;

/** What the container of a dedicated tenant uses, beside its limits. */
export function StatsTab() {
  const tenant = useTenant();
  if (!tenant) return null;
  if (tenant.tier !== "dedicated") return <Text>{detailText.notDedicated}</Text>;
  return <Stats key={tenant.id} tenant={tenant} />;
}

function Stats({ tenant }: { tenant: Tenant }) {
  const address = addressOf(tenant);
  const query = useQuery(statsQuery(address));
  return (
    <Panel title={words.title} hint={words.hint}>
      <Stack>
        <Loaded query={query} height={240}>
          {(stats) => (stats.known ? <Known stats={stats} /> : <Unknown stats={stats} />)}
        </Loaded>
        <SameWith
          cli={words.cli(tenant.key)}
          call={{ method: "GET", path: `/api/gateway/tenants/${tenant.key}/stats` }}
        />
      </Stack>
    </Panel>
  );
}

function Unknown({ stats: { code, message, seen_at } }: { stats: TenantStats }) {
  return (
    <Stack gap="xs">
      <Verdict tone="orange">{words.unknown}</Verdict>
      <Text className="wrap-anywhere">
        {message} <code>{code}</code>
      </Text>
      <Text size="sm" c="dimmed">
        {words.seen} <TimeAgo at={seen_at} />
      </Text>
    </Stack>
  );
}

function Known({ stats }: { stats: TenantStats }) {
  return (
    <Stack>
      {stats.out_of_memory && <Verdict tone="red">{words.wasKilled}</Verdict>}
      <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="lg">
        <Use label={words.cpu} used={stats.cpus_used} limit={stats.cpus_limit} write={words.cpus} />
        <Use label={words.memory} used={stats.memory_bytes} limit={stats.memory_limit_bytes} write={bytes} />
        <Use label={words.pids} used={stats.pids} limit={stats.pids_limit} />
      </SimpleGrid>
      <Facts
        facts={[
          { name: words.state, value: stats.state },
          { name: words.started, value: stats.started_at && <TimeAgo at={stats.started_at} /> },
          { name: words.restarts, value: stats.restarts },
          { name: words.exitCode, value: stats.exit_code },
          { name: words.image, value: stats.image },
          {
            name: words.received,
            value: stats.received_bytes !== null ? words.sinceStart(bytes(stats.received_bytes)) : null,
          },
          {
            name: words.sent,
            value: stats.sent_bytes !== null ? words.sinceStart(bytes(stats.sent_bytes)) : null,
          },
          { name: words.seen, value: <TimeAgo at={stats.seen_at} /> },
        ]}
      />
    </Stack>
  );
}

interface UseProps {
  label: string;
  /** Null where nobody knows. */
  used: number | null;
  limit: number | null;
  write?: (value: number) => string;
}

function Use({ label, used, limit, write }: UseProps) {
  if (used === null) {
    return (
      <Text size="sm">
        {label}: {words.notKnown}
      </Text>
    );
  }
  return <CapacityBar label={label} amount={{ used, limit }} {...(write ? { write } : {})} />;
}
