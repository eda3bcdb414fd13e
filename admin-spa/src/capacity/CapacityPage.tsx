import { Stack, Text, Title } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { CapacityTabs } from "../fleet/CapacityTabs";
import cards from "../fleet/Cards.module.css";
import { count } from "../fleet/numbers";
import { SameWith } from "../parts/CommandLine";
import { type Column, DataTable } from "../parts/DataTable";
import { Facts } from "../parts/Facts";
import { Loaded } from "../parts/Loaded";
import { Page } from "../parts/Page";
import { Panel } from "../parts/Panel";
import { AnchorLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import { poolListQuery } from "../pools/api";
import { PoolBar } from "../pools/PoolCard";
import { serverListQuery } from "../servers/api";
import { ServerBars } from "../servers/ServerBars";
import { duration } from "../time";
import { type Capacity, capacityQuery } from "./api";
import { MeasuredBar } from "./MeasuredBar";
import { text } from "./text";

const words = text.page;

/** What is used up and what is left of everything tenants need. */
export function CapacityPage() {
  const query = useQuery(capacityQuery);
  return (
    <Page title={words.title}>
      <CapacityTabs />
      <Loaded query={query}>
        {(capacity) => (
          <Stack gap="lg">
            <Text size="sm" c="dimmed">
              {words.asOf} <TimeAgo at={capacity.at} />
            </Text>
            <Panel title={words.subnets} hint={words.subnetsHint(capacity.subnets.block)}>
              <MeasuredBar
                label={words.subnetsLabel}
                amount={capacity.subnets.amount}
                reserved={capacity.subnets.quarantined}
              />
            </Panel>
            <Servers />
            <Pools />
            <Panel title={words.docker} hint={words.dockerHint}>
              <Stack gap="sm">
                <MeasuredBar label={words.networks} amount={capacity.networks} dated />
                <MeasuredBar label={words.containers} amount={capacity.containers} dated />
              </Stack>
            </Panel>
            <Queue queue={capacity.queue} />
            <Workers workers={capacity.workers} />
            <SameWith cli={words.cli} call={{ method: "GET", path: "/api/gateway/capacity" }} />
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

function Servers() {
  const query = useQuery(serverListQuery);
  return (
    <Panel title={words.servers} hint={words.serversHint}>
      <Loaded query={query}>
        {(servers) =>
          servers.length === 0 ? (
            <Text c="dimmed">{words.noServers}</Text>
          ) : (
            <ul className={cards.cards}>
              {servers.map((server) => (
                <li key={server.id}>
                  <Title order={3} size="h5" mb="xs">
                    <AnchorLink to="/database-servers/$name" params={{ name: server.name }} inherit>
                      {server.name}
                    </AnchorLink>
                  </Title>
                  <ServerBars server={server} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}

function Pools() {
  const query = useQuery(poolListQuery);
  return (
    <Panel title={words.pools}>
      <Loaded query={query}>
        {(pools) =>
          pools.length === 0 ? (
            <Text c="dimmed">{words.noPools}</Text>
          ) : (
            <ul className={cards.cards}>
              {pools.map((pool) => (
                <li key={pool.id}>
                  <Title order={3} size="h5" mb="xs">
                    <AnchorLink to="/pools/$name" params={{ name: pool.name }} inherit>
                      {pool.name}
                    </AnchorLink>
                  </Title>
                  <PoolBar pool={pool} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}

function Queue({ queue }: { queue: Capacity["queue"] }) {
  const names = ["due", "behind", "claimed", "later", "paused"] as const;
  return (
    <Panel title={text.queue.title} hint={text.queue.hint}>
      <Facts
        facts={[
          ...names.map((name) => ({ name: text.queue[name], value: count(queue[name]) })),
          {
            name: text.queue.oldest,
            value:
              typeof queue.oldest_seconds === "number"
                ? duration(queue.oldest_seconds * 1_000)
                : text.queue.nothingDue,
          },
        ]}
      />
    </Panel>
  );
}

type Worker = Capacity["workers"][number];

const workerColumns: readonly Column<Worker>[] = [
  {
    id: "name",
    header: text.workers.columns.name,
    names: true,
    cell: (worker) => <code className="wrap-anywhere">{worker.name}</code>,
  },
  {
    id: "tenants",
    header: text.workers.columns.tenants,
    numeric: true,
    cell: (worker) => count(worker.tenants),
  },
  { id: "jobs", header: text.workers.columns.jobs, numeric: true, cell: (worker) => count(worker.jobs) },
];

function Workers({ workers }: { workers: readonly Worker[] }) {
  return (
    <Panel title={text.workers.title} hint={text.workers.hint}>
      {workers.length === 0 ? (
        <Text c="dimmed">{text.workers.none}</Text>
      ) : (
        <DataTable
          dense
          caption={text.workers.caption}
          columns={workerColumns}
          rows={workers}
          rowKey={(worker) => worker.name}
        />
      )}
    </Panel>
  );
}
