import { Button, Group, Paper, Stack } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useForm } from "../fleet/useForm";
import { SameWith } from "../parts/CommandLine";
import { useNotice } from "../parts/Notices";
import { Page } from "../parts/Page";
import { ProblemAlert } from "../parts/ProblemAlert";
import { ButtonLink } from "../parts/RouterLink";
import { useCreatePlan } from "./api";
import { checkPlan, emptyPlan, type PlanValues, toCreate } from "./limits";
import { PlanFields } from "./PlanFields";
import { text } from "./text";

/** Makes a plan. */
export function CreatePlanPage() {
  const navigate = useNavigate();
  const notify = useNotice();
  const create = useCreatePlan();
  const form = useForm<keyof PlanValues>({
    initial: emptyPlan,
    check: checkPlan,
    error: create.error,
    onSubmit: (values) =>
      create.mutate(toCreate(values), {
        onSuccess: (plan) => {
          notify({ tone: "green", message: text.actions.done.create(plan.name) });
          void navigate({ to: "/plans/$name", params: { name: plan.name } });
        },
      }),
  });
  return (
    <Page title={text.form.createTitle}>
      <Paper withBorder p="lg" maw="42rem" bg="var(--surface)">
        <form ref={form.form} onSubmit={form.submit} noValidate>
          <Stack gap="lg">
            <PlanFields of={form} named={false} />
            {form.rest && <ProblemAlert title={text.form.failed} error={form.rest} />}
            <Group>
              <Button type="submit" loading={create.isPending}>
                {text.form.create}
              </Button>
              <ButtonLink to="/plans" variant="default">
                {text.form.cancel}
              </ButtonLink>
            </Group>
            <SameWith call={{ method: "POST", path: "/api/gateway/plans", body: toCreate(form.values) }} />
          </Stack>
        </form>
      </Paper>
    </Page>
  );
}
