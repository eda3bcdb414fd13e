import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useForm } from "../fleet/useForm";
import { SameWith } from "../parts/CommandLine";
import { Loaded } from "../parts/Loaded";
import { useNotice } from "../parts/Notices";
import { Page } from "../parts/Page";
import { ButtonLink } from "../parts/RouterLink";
import { type Pool, poolQuery, useEditPool } from "./api";
import { PoolForm } from "./PoolForm";
import { checkPool, type PoolValues, toEdit, valuesOf } from "./poolForm";
import { text } from "./text";

const route = getRouteApi("/signed-in/pools/$name/edit");

/** Changes a pool's members, capacity and weight. */
export function EditPoolPage() {
  const { name } = route.useParams();
  const query = useQuery({ ...poolQuery(name), refetchInterval: false });
  return (
    <Page title={text.form.editTitle(name)}>
      <Loaded query={query}>{(pool) => <EditForm key={pool.id} pool={pool} />}</Loaded>
    </Page>
  );
}

function EditForm({ pool }: { pool: Pool }) {
  const navigate = useNavigate();
  const notify = useNotice();
  const edit = useEditPool(pool.name);
  const back = () => navigate({ to: "/pools/$name", params: { name: pool.name } });
  const form = useForm<keyof PoolValues>({
    initial: { ...valuesOf(pool) },
    check: checkPool,
    error: edit.error,
    onSubmit: (values) => {
      const body = toEdit(values, pool);
      if (Object.keys(body).length === 0) return void back();
      edit.mutate(body, {
        onSuccess: () => {
          notify({ tone: "green", message: text.actions.done.edit(pool.name) });
          void back();
        },
      });
    },
  });
  return (
    <PoolForm
      of={form}
      named
      fixed={pool.from_settings}
      pending={edit.isPending}
      submit={text.form.save}
      cancel={
        <ButtonLink to="/pools/$name" params={{ name: pool.name }} variant="default">
          {text.form.cancel}
        </ButtonLink>
      }
    >
      <SameWith
        call={{ method: "PATCH", path: `/api/gateway/pools/${pool.name}`, body: toEdit(form.values, pool) }}
      />
    </PoolForm>
  );
}
