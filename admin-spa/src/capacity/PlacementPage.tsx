import { Button, Group, Radio, Stack, Text } from "@mantine/core";
import { IconMessageQuestion } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { api, unwrap } from "../api/client";
import { CapacityTabs } from "../fleet/CapacityTabs";
import { count } from "../fleet/numbers";
import { type Place, type RatedPlace, ratePlaces } from "../fleet/placement";
import { Verdict } from "../fleet/Verdict";
import { type Column, DataTable } from "../parts/DataTable";
import { Loaded } from "../parts/Loaded";
import { Page } from "../parts/Page";
import { Panel } from "../parts/Panel";
import { ProblemAlert } from "../parts/ProblemAlert";
import { type Pool, poolListQuery } from "../pools/api";
import { serverListQuery } from "../servers/api";
import { asPlace } from "../servers/asPlace";
import { useMay } from "../session/useMay";
import { text } from "./text";

const page = getRouteApi("/signed-in/placement");
const words = text.placement;
const LOAD = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

function whyOf({ verdict, place }: RatedPlace<Place>): string {
  switch (verdict) {
    case "closed":
      return words.why.closed(place.state);
    case "unready":
      return place.unheld ? words.why.unheld : words.why.noMember;
    case "full":
      return words.why.full;
    case "chosen":
    case "later":
      return place.resting ? words.why.resting : words.why[verdict];
  }
}

const columns: readonly Column<RatedPlace<Place>>[] = [
  { id: "name", header: words.columns.name, names: true, cell: ({ place }) => place.name },
  {
    id: "verdict",
    header: words.columns.verdict,
    cell: ({ verdict }) => (
      <Text component="span" fw={verdict === "chosen" ? 700 : 400} size="sm">
        {words.verdict[verdict]}
      </Text>
    ),
  },
  { id: "why", header: words.columns.why, cell: whyOf },
  { id: "load", header: words.columns.load, numeric: true, cell: ({ load }) => LOAD.format(load) },
  { id: "tenants", header: words.columns.tenants, numeric: true, cell: ({ place }) => count(place.tenants) },
  { id: "weight", header: words.columns.weight, numeric: true, cell: ({ place }) => count(place.weight) },
  {
    id: "limit",
    header: words.columns.limit,
    numeric: true,
    cell: ({ place }) => (place.capacity === null ? words.unlimited : count(place.capacity)),
  },
];

/** Which pool and server the next tenant would get, and why not the others. */
export function PlacementPage() {
  const { tier } = page.useSearch();
  const navigate = page.useNavigate();
  const shared = tier !== "dedicated";
  const pools = useQuery(poolListQuery);
  const servers = useQuery(serverListQuery);
  return (
    <Page title={words.title}>
      <CapacityTabs />
      <Stack gap="lg">
        <Text c="dimmed" maw="48rem">
          {words.intro}
        </Text>
        <Radio.Group
          label={words.tier}
          value={shared ? "shared" : "dedicated"}
          onChange={(value) =>
            void navigate({ search: value === "dedicated" ? { tier: "dedicated" } : {}, replace: true })
          }
        >
          <Group mt="xs">
            <Radio value="shared" label={words.shared} />
            <Radio value="dedicated" label={words.dedicated} />
          </Group>
        </Radio.Group>
        <Loaded query={pools}>
          {(allPools) => (
            <Loaded query={servers}>
              {(allServers) => (
                <Answer shared={shared} pools={allPools} rated={ratePlaces(allServers.map(asPlace))} />
              )}
            </Loaded>
          )}
        </Loaded>
      </Stack>
    </Page>
  );
}

interface AnswerProps {
  shared: boolean;
  pools: readonly Pool[];
  rated: readonly RatedPlace<Place>[];
}

const chosenOf = (rated: readonly RatedPlace<Place>[]) =>
  rated.find(({ verdict }) => verdict === "chosen")?.place.name;

function Answer({ shared, pools, rated }: AnswerProps) {
  const may = useMay();
  const ratedPools = ratePlaces(pools.map((pool) => ({ ...pool, capacity: pool.capacity ?? null })));
  const pool = chosenOf(ratedPools);
  const server = chosenOf(rated);
  return (
    <Stack gap="lg">
      {shared && pool === undefined && <Verdict tone="red">{words.noPool}</Verdict>}
      {server === undefined && <Verdict tone="red">{words.noServer}</Verdict>}
      {server !== undefined && shared && pool !== undefined && (
        <Verdict tone="green">{words.sharedAnswer(pool, server)}</Verdict>
      )}
      {server !== undefined && !shared && <Verdict tone="green">{words.dedicatedAnswer(server)}</Verdict>}
      {may("tenants:write") && (
        <AskGateway key={String(shared)} shared={shared} pools={pools} expected={pool} />
      )}
      {shared && (
        <Panel title={words.pools} hint={words.poolRule}>
          <DataTable
            caption={words.pools}
            columns={columns}
            rows={ratedPools}
            rowKey={({ place }) => place.name}
          />
        </Panel>
      )}
      <Panel title={words.servers} hint={words.serverRule}>
        <DataTable
          caption={words.servers}
          columns={columns}
          rows={rated}
          rowKey={({ place }) => place.name}
        />
      </Panel>
    </Stack>
  );
}

interface AskGatewayProps {
  shared: boolean;
  pools: readonly Pool[];
  expected: string | undefined;
}

/** A dry run of a creation, set beside what this page has worked out. */
function AskGateway({ shared, pools, expected }: AskGatewayProps) {
  const ask = useMutation({
    mutationFn: () =>
      unwrap(
        api.POST("/api/gateway/tenants", {
          params: { query: { dry_run: true } },
          body: {
            // A key that nobody has: a taken one would be refused, and that is not the question.
            key: `what-if-${Math.random().toString(36).slice(2, 10)}`,
            company_name: words.title,
            tier: shared ? "shared" : "dedicated",
          },
        }),
      ),
  });
  const answer = ask.data;
  const pool = pools.find((one) => one.id === answer?.pool_id)?.name ?? words.unknownPool;
  const said = () => {
    if (!shared) return words.saysDedicated;
    return pool === expected ? words.agrees(pool) : words.says(pool);
  };
  return (
    <Stack gap="xs" align="flex-start">
      <Group gap="sm">
        <Button
          variant="default"
          leftSection={<IconMessageQuestion size={16} aria-hidden />}
          loading={ask.isPending}
          onClick={() => ask.mutate()}
        >
          {words.ask}
        </Button>
        <Text size="sm" c="dimmed">
          {words.askHint}
        </Text>
      </Group>
      <div role="status">{answer && <Text>{said()}</Text>}</div>
      {ask.isError && <ProblemAlert title={words.refused} error={ask.error} />}
    </Stack>
  );
}
