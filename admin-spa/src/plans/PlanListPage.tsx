import { Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { count } from "../fleet/numbers";
import { type Column, DataTable } from "../parts/DataTable";
import { EmptyState } from "../parts/EmptyState";
import { Loaded } from "../parts/Loaded";
import { Page } from "../parts/Page";
import { AnchorLink, ButtonLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import { useMay } from "../session/useMay";
import { type Plan, planListQuery } from "./api";
import { limitNames } from "./limits";
import { text } from "./text";

const { columns: words } = text.list;

const columns: readonly Column<Plan>[] = [
  {
    id: "name",
    header: words.name,
    names: true,
    cell: (plan) => (
      <>
        <AnchorLink to="/plans/$name" params={{ name: plan.name }} fw={600}>
          {plan.name}
        </AnchorLink>
        <Text size="sm" c="dimmed" fw={400} className="wrap-anywhere">
          {plan.title}
        </Text>
      </>
    ),
  },
  { id: "tier", header: words.tier, cell: (plan) => text.tier[plan.tier ?? "any"] },
  { id: "network", header: words.network, cell: (plan) => text.network[plan.network] },
  { id: "tenants", header: words.tenants, numeric: true, cell: (plan) => count(plan.tenants) },
  ...limitNames.map(
    (name): Column<Plan> => ({
      id: name,
      header: text.limit[name],
      numeric: true,
      cell: (plan) =>
        plan[name] === null || plan[name] === undefined ? (
          <Text component="span" size="sm" c="dimmed">
            {text.asSettingsShort}
          </Text>
        ) : (
          text.limitOf(name, plan[name])
        ),
    }),
  ),
  { id: "updated", header: words.updated, whole: true, cell: (plan) => <TimeAgo at={plan.updated_at} /> },
];

/** The plans with their limits and how many tenants have each. */
export function PlanListPage() {
  const query = useQuery(planListQuery);
  const may = useMay();
  const create = may("fleet:write") && (
    <ButtonLink to="/new/plan" leftSection={<IconPlus size={16} aria-hidden />}>
      {text.list.create}
    </ButtonLink>
  );
  return (
    <Page title={text.list.title} actions={create}>
      <Text c="dimmed" mb="md">
        {text.list.intro}
      </Text>
      <Loaded query={query}>
        {(plans) =>
          plans.length === 0 ? (
            <EmptyState title={text.list.emptyTitle} action={create} cli={text.list.cli}>
              {text.list.emptyBody}
            </EmptyState>
          ) : (
            <DataTable
              caption={text.list.caption}
              columns={columns}
              rows={plans}
              rowKey={(plan) => plan.name}
            />
          )
        }
      </Loaded>
    </Page>
  );
}
