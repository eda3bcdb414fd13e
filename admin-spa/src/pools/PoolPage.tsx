import { Code, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { count } from "../fleet/numbers";
import { TenantsHere } from "../fleet/TenantsHere";
import { Badge } from "../parts/Badge";
import { SameWith, shellWord } from "../parts/CommandLine";
import { Facts } from "../parts/Facts";
import { Loaded } from "../parts/Loaded";
import { Page } from "../parts/Page";
import { Panel } from "../parts/Panel";
import { AnchorLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import { useMay } from "../session/useMay";
import { isMoving, type Pool, poolQuery } from "./api";
import { poolLooks } from "./looks";
import { PoolActions } from "./PoolActions";
import { PoolBar } from "./PoolCard";
import { PoolMembers } from "./PoolMembers";
import { PoolProgress } from "./PoolProgress";
import { text } from "./text";

const route = getRouteApi("/signed-in/pools/$name");
const LOAD = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

/** One pool: how full, where its members are and how they do, and who is in it. */
export function PoolPage() {
  const { name } = route.useParams();
  const { ask } = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay();
  const query = useQuery(poolQuery(name));
  const pool = query.data;
  return (
    <Page
      title={pool?.name ?? name}
      beside={
        pool && <Badge look={poolLooks[pool.state]} moving={pool.state === "deleting" && isMoving(pool)} />
      }
      actions={
        pool &&
        may("fleet:write") && (
          <PoolActions
            pool={pool}
            ask={ask}
            onAsk={(next) => void navigate({ search: next ? { ask: next } : {} })}
          />
        )
      }
    >
      <Stack gap="lg">
        <AnchorLink to="/pools" size="sm">
          {text.one.all}
        </AnchorLink>
        <Loaded query={query}>{(found) => <PoolParts pool={found} />}</Loaded>
      </Stack>
    </Page>
  );
}

function PoolParts({ pool }: { pool: Pool }) {
  const may = useMay();
  const { fields } = text.one;
  return (
    <Stack gap="lg">
      <Text>{text.stateMeaning[pool.state]}</Text>
      <PoolProgress pool={pool} />
      <Panel title={text.one.capacity}>
        <PoolBar pool={pool} />
      </Panel>
      <PoolMembers pool={pool} />
      {pool.managed && <ContainerFacts pool={pool} />}
      <Panel title={text.one.facts}>
        <Facts
          facts={[
            { name: fields.weight, value: pool.weight },
            { name: fields.load, value: LOAD.format(pool.tenants / pool.weight) },
            { name: fields.created, value: <TimeAgo at={pool.created_at} /> },
            pool.from_settings && { name: fields.settings, value: text.fromSettingsMeaning },
            { name: fields.id, value: <Code>{pool.id}</Code>, copy: pool.id },
          ]}
        />
      </Panel>
      {may("tenants:read") && <TenantsHere place={{ pool_id: pool.id }} empty={text.one.noTenants} />}
      <SameWith
        cli={`gatewayctl pool show ${shellWord(pool.name)}`}
        call={{ method: "GET", path: `/api/gateway/pools/${pool.name}` }}
      />
    </Stack>
  );
}

/** What the containers of a managed pool are made from. */
function ContainerFacts({ pool }: { pool: Pool }) {
  const { containers: words } = text.one;
  const set = (value: number | null | undefined, unit: string) =>
    typeof value === "number" ? `${count(value)}${unit}` : words.asSettings;
  return (
    <Panel title={words.title} hint={words.hint}>
      <Facts
        facts={[
          { name: words.image, value: <Code>{pool.image}</Code>, copy: pool.image ?? undefined },
          { name: words.replicas, value: words.answering(pool.healthy_members, pool.replicas ?? 0) },
          { name: words.port, value: pool.port ?? words.asSettings },
          { name: words.memory, value: set(pool.memory_mib, " MiB") },
          { name: words.cpus, value: set(pool.cpus, "") },
          { name: words.pids, value: set(pool.pids, "") },
          {
            name: words.environment,
            value:
              pool.environment.length > 0 ? <Code>{pool.environment.join(", ")}</Code> : words.noVariables,
          },
          { name: words.revision, value: words.observed(pool.observed_revision, pool.revision) },
        ]}
      />
    </Panel>
  );
}
