import { Button, Group, Stack, Text } from "@mantine/core";
import { IconPencil, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { count } from "../fleet/numbers";
import { AskDialog } from "../parts/AskDialog";
import { SameWith, shellWord } from "../parts/CommandLine";
import { Facts } from "../parts/Facts";
import { Loaded } from "../parts/Loaded";
import { useNotice } from "../parts/Notices";
import { Page } from "../parts/Page";
import { Panel } from "../parts/Panel";
import { AnchorLink, ButtonLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import { useMay } from "../session/useMay";
import { DEFAULT_PLAN, type Plan, planQuery, type ReadPlan, useDeletePlan } from "./api";
import { limitNames } from "./limits";
import { text } from "./text";

const route = getRouteApi("/signed-in/plans/$name");

/** One plan: its limits and how many tenants have it. */
export function PlanPage() {
  const { name } = route.useParams();
  const may = useMay();
  const query = useQuery(planQuery(name));
  return (
    <Page
      title={query.data?.plan.title ?? name}
      actions={query.data && may("fleet:write") && <PlanActions read={query.data} />}
    >
      <Stack gap="lg">
        <AnchorLink to="/plans" size="sm">
          {text.one.all}
        </AnchorLink>
        <Loaded query={query}>{({ plan }) => <PlanParts plan={plan} />}</Loaded>
      </Stack>
    </Page>
  );
}

function PlanParts({ plan }: { plan: Plan }) {
  const { fields } = text.one;
  return (
    <Stack gap="lg">
      {plan.name === DEFAULT_PLAN && <Text>{text.defaultPlan}.</Text>}
      <Panel title={text.one.limits}>
        <Facts
          facts={limitNames.map((name) => ({
            name: text.limit[name],
            value: text.limitOf(name, plan[name] ?? null),
          }))}
        />
      </Panel>
      <Panel title={text.one.facts}>
        <Facts
          facts={[
            { name: text.list.columns.name, value: <code>{plan.name}</code>, copy: plan.name },
            { name: fields.tier, value: text.tier[plan.tier ?? "any"] },
            { name: fields.network, value: text.network[plan.network] },
            { name: fields.tenants, value: count(plan.tenants) },
            { name: fields.created, value: <TimeAgo at={plan.created_at} /> },
            { name: fields.updated, value: <TimeAgo at={plan.updated_at} /> },
          ]}
        />
      </Panel>
      <SameWith
        cli={`gatewayctl plan show ${shellWord(plan.name)}`}
        call={{ method: "GET", path: `/api/gateway/plans/${plan.name}` }}
      />
    </Stack>
  );
}

function PlanActions({ read }: { read: ReadPlan }) {
  const { plan, etag } = read;
  const { ask } = route.useSearch();
  const navigate = route.useNavigate();
  const notify = useNotice();
  const remove = useDeletePlan(plan.name);
  const close = () => void navigate({ search: {} });
  return (
    <>
      <Group gap="xs" role="group" aria-label={text.actions.label}>
        <ButtonLink
          to="/plans/$name/edit"
          params={{ name: plan.name }}
          leftSection={<IconPencil size={16} aria-hidden />}
        >
          {text.actions.edit}
        </ButtonLink>
        <Button
          variant="default"
          leftSection={<IconTrash size={16} aria-hidden color="var(--tone-red)" />}
          onClick={() => {
            remove.reset();
            void navigate({ search: { ask: "delete" } });
          }}
        >
          {text.actions.delete}
        </Button>
      </Group>
      <AskDialog
        opened={ask === "delete"}
        onClose={close}
        words={text.remove}
        name={plan.name}
        typed
        danger
        sending={remove}
        onConfirm={() =>
          remove.mutate(etag, {
            onSuccess: () => {
              notify({ tone: "green", message: text.actions.done.delete(plan.name) });
              void navigate({ to: "/plans" });
            },
          })
        }
      >
        <Text>{text.remove.body}</Text>
        {plan.name === DEFAULT_PLAN && <Text c="var(--tone-red)">{text.remove.isDefault}</Text>}
        {plan.tenants > 0 && <Text c="var(--tone-red)">{text.remove.hasTenants(plan.tenants)}</Text>}
        <Text size="sm" c="dimmed">
          {text.remove.deletedOnes}
        </Text>
      </AskDialog>
    </>
  );
}
