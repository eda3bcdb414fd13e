import { Group, Stack, Text } from "@mantine/core";
import { IconLayoutGrid, IconPlus, IconTable } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import cards from "../fleet/Cards.module.css";
import { count } from "../fleet/numbers";
import { Badge } from "../parts/Badge";
import { type Column, DataTable } from "../parts/DataTable";
import { EmptyState } from "../parts/EmptyState";
import { Loaded } from "../parts/Loaded";
import { Page } from "../parts/Page";
import { AnchorLink, ButtonLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import { useMay } from "../session/useMay";
import { type Pool, poolListQuery } from "./api";
import { poolLooks } from "./looks";
import { PoolCard } from "./PoolCard";
import { text } from "./text";

const route = getRouteApi("/signed-in/pools");
const { columns: words } = text.list;
const LOAD = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

const columns: readonly Column<Pool>[] = [
  {
    id: "name",
    header: words.name,
    names: true,
    cell: (pool) => (
      <AnchorLink to="/pools/$name" params={{ name: pool.name }} fw={600}>
        {pool.name}
      </AnchorLink>
    ),
  },
  { id: "state", header: words.state, cell: (pool) => <Badge look={poolLooks[pool.state]} /> },
  { id: "tenants", header: words.tenants, numeric: true, cell: (pool) => count(pool.tenants) },
  {
    id: "capacity",
    header: words.capacity,
    numeric: true,
    cell: (pool) => (typeof pool.capacity === "number" ? count(pool.capacity) : text.unlimited),
  },
  { id: "weight", header: words.weight, numeric: true, cell: (pool) => pool.weight },
  {
    id: "load",
    header: words.load,
    numeric: true,
    cell: (pool) => LOAD.format(pool.tenants / pool.weight),
  },
  {
    id: "members",
    header: words.members,
    numeric: true,
    cell: (pool) => text.share(pool.healthy_members, pool.replicas ?? pool.members.length),
  },
  { id: "created", header: words.created, whole: true, cell: (pool) => <TimeAgo at={pool.created_at} /> },
];

/** The shared pools: how full they are, as cards or as a table. */
export function PoolListPage() {
  const { view = "cards" } = route.useSearch();
  const query = useQuery(poolListQuery);
  const may = useMay();
  const create = may("fleet:write") && (
    <ButtonLink to="/new/pool" leftSection={<IconPlus size={16} aria-hidden />}>
      {text.list.create}
    </ButtonLink>
  );
  return (
    <Page title={text.list.title} actions={create}>
      <Stack>
        <Group justify="space-between" gap="sm">
          <Text c="dimmed">{text.list.intro}</Text>
          <ViewSwitch view={view} />
        </Group>
        <Loaded query={query}>
          {(pools) => {
            if (pools.length === 0) {
              return (
                <EmptyState title={text.list.emptyTitle} action={create} cli={text.list.cli}>
                  {text.list.emptyBody}
                </EmptyState>
              );
            }
            if (view === "table") {
              return (
                <DataTable
                  caption={text.list.caption}
                  columns={columns}
                  rows={pools}
                  rowKey={(pool) => pool.id}
                />
              );
            }
            return (
              <ul className={cards.cards}>
                {pools.map((pool) => (
                  <li key={pool.id}>
                    <PoolCard pool={pool} />
                  </li>
                ))}
              </ul>
            );
          }}
        </Loaded>
      </Stack>
    </Page>
  );
}

function ViewSwitch({ view }: { view: "cards" | "table" }) {
  return (
    <Group gap={4} role="group" aria-label={text.list.viewLabel}>
      <ButtonLink
        to="/pools"
        size="xs"
        variant={view === "cards" ? "filled" : "default"}
        aria-current={view === "cards" ? "true" : undefined}
        leftSection={<IconLayoutGrid size={14} aria-hidden />}
      >
        {text.list.asCards}
      </ButtonLink>
      <ButtonLink
        to="/pools"
        search={{ view: "table" }}
        size="xs"
        variant={view === "table" ? "filled" : "default"}
        aria-current={view === "table" ? "true" : undefined}
        leftSection={<IconTable size={14} aria-hidden />}
      >
        {text.list.asTable}
      </ButtonLink>
    </Group>
  );
}
