import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Edited, readOnce, Stale } from "../fleet/Edited";
import { FormFrame } from "../fleet/FormFrame";
import { useForm } from "../fleet/useForm";
import { useNotice } from "../parts/Notices";
import { Page } from "../parts/Page";
import { ButtonLink } from "../parts/RouterLink";
import { type EditPlan, type Plan, planQuery, type ReadPlan, useEditPlan } from "./api";
import { checkPlan, type PlanValues, toEdit, valuesOf } from "./limits";
import { PlanFields } from "./PlanFields";
import { PlanPreview } from "./PlanPreview";
import { text } from "./text";

const route = getRouteApi("/signed-in/plans/$name/edit");

/** Changes a plan: first the fields, then what the gateway says that would change, then the change. */
export function EditPlanPage() {
  const { name } = route.useParams();
  const query = useQuery({ ...planQuery(name), ...readOnce });
  return (
    <Page title={text.form.editTitle(name)}>
      <Edited query={query}>{(read, onReload) => <EditForm read={read} onReload={onReload} />}</Edited>
    </Page>
  );
}

function EditForm({ read, onReload }: { read: ReadPlan; onReload: () => void }) {
  const navigate = useNavigate();
  const notify = useNotice();
  const { plan, etag } = read;
  const edit = useEditPlan(plan.name);
  const [preview, setPreview] = useState<{ body: EditPlan; after: Plan }>();
  const [unchanged, setUnchanged] = useState(false);
  const form = useForm<keyof PlanValues>({
    initial: valuesOf(plan),
    check: checkPlan,
    error: preview ? null : edit.error,
    onSubmit: (values) => {
      const body = toEdit(values, plan);
      const isEmpty = Object.keys(body).length === 0;
      setUnchanged(isEmpty);
      if (isEmpty) return;
      edit.mutate({ body, etag, dryRun: true }, { onSuccess: (after) => setPreview({ body, after }) });
    },
  });
  const stale = (
    <Stale error={edit.error} says={text.preview.stale} reload={text.preview.reload} onReload={onReload} />
  );
  if (preview) {
    return (
      <PlanPreview
        before={plan}
        after={preview.after}
        pending={edit.isPending}
        error={edit.isError ? edit.error : null}
        onBack={() => {
          edit.reset();
          setPreview(undefined);
        }}
        onConfirm={() =>
          edit.mutate(
            { body: preview.body, etag, dryRun: false },
            {
              onSuccess: () => {
                notify({ tone: "green", message: text.actions.done.edit(plan.name) });
                void navigate({ to: "/plans/$name", params: { name: plan.name } });
              },
            },
          )
        }
      >
        {stale}
      </PlanPreview>
    );
  }
  return (
    <FormFrame
      of={form}
      failed={text.form.failed}
      pending={edit.isPending}
      submit={text.form.preview}
      cancel={
        <ButtonLink to="/plans/$name" params={{ name: plan.name }} variant="default">
          {text.form.cancel}
        </ButtonLink>
      }
      notes={stale}
    >
      <PlanFields of={form} named />
      {unchanged && <Text role="status">{text.form.unchanged}</Text>}
    </FormFrame>
  );
}
