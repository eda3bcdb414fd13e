import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { asProblem } from "../api/problem";
import { useForm } from "../fleet/useForm";
import { Loaded } from "../parts/Loaded";
import { useNotice } from "../parts/Notices";
import { Page } from "../parts/Page";
import { ProblemAlert } from "../parts/ProblemAlert";
import { ButtonLink } from "../parts/RouterLink";
import { type EditPlan, type Plan, planQuery, type ReadPlan, useEditPlan } from "./api";
import { checkPlan, type PlanValues, toEdit, valuesOf } from "./limits";
import { PlanFields } from "./PlanFields";
import { PlanPreview } from "./PlanPreview";
import { text } from "./text";

const route = getRouteApi("/signed-in/plans/$name/edit");
/** The plan is not as it was when the form was filled. */
const CHANGED_MEANWHILE = 412;

/** Changes a plan: first the fields, then what the gateway says that would change, then the change. */
export function EditPlanPage() {
  const { name } = route.useParams();
  // What is edited stays as it was read: a change that comes meanwhile is refused by its version.
  const query = useQuery({ ...planQuery(name), refetchInterval: false, refetchOnWindowFocus: false });
  const [version, setVersion] = useState(0);
  return (
    <Page title={text.form.editTitle(name)}>
      <Loaded query={query}>
        {(read) => (
          <EditForm
            key={version}
            first={read}
            onReload={() => void query.refetch().then(() => setVersion((before) => before + 1))}
          />
        )}
      </Loaded>
    </Page>
  );
}

function EditForm({ first, onReload }: { first: ReadPlan; onReload: () => void }) {
  const navigate = useNavigate();
  const notify = useNotice();
  // Live news may read the plan again while somebody types: the form holds on to what it began with.
  const [{ plan, etag }] = useState(first);
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
  const isStale = edit.isError && asProblem(edit.error).status === CHANGED_MEANWHILE;
  const stale = isStale && (
    <Stack gap="xs" align="flex-start">
      <Text>{text.preview.stale}</Text>
      <Button variant="default" onClick={onReload}>
        {text.preview.reload}
      </Button>
    </Stack>
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
    <Paper withBorder p="lg" maw="42rem" bg="var(--surface)">
      <form ref={form.form} onSubmit={form.submit} noValidate>
        <Stack gap="lg">
          <PlanFields of={form} named />
          {unchanged && <Text role="status">{text.form.unchanged}</Text>}
          {form.rest && <ProblemAlert title={text.form.failed} error={form.rest} />}
          {stale}
          <Group>
            <Button type="submit" loading={edit.isPending}>
              {text.form.preview}
            </Button>
            <ButtonLink to="/plans/$name" params={{ name: plan.name }} variant="default">
              {text.form.cancel}
            </ButtonLink>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}
