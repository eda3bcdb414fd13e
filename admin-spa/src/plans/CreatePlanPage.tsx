import { useNavigate } from "@tanstack/react-router";
import { FormFrame } from "../fleet/FormFrame";
import { useForm } from "../fleet/useForm";
import { SameWith } from "../parts/CommandLine";
import { useNotice } from "../parts/Notices";
import { Page } from "../parts/Page";
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
      <FormFrame
        of={form}
        failed={text.form.failed}
        pending={create.isPending}
        submit={text.form.create}
        cancel={
          <ButtonLink to="/plans" variant="default">
            {text.form.cancel}
          </ButtonLink>
        }
        after={
          <SameWith call={{ method: "POST", path: "/api/gateway/plans", body: toCreate(form.values) }} />
        }
      >
        <PlanFields of={form} named={false} />
      </FormFrame>
    </Page>
  );
}
