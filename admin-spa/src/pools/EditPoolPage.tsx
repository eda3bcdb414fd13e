import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useForm } from "../fleet/useForm";
import { SameWith } from "../parts/CommandLine";
import { Loaded } from "../parts/Loaded";
import { useNotice } from "../parts/Notices";
import { Page } from "../parts/Page";
import { ButtonLink } from "../parts/RouterLink";
import { type Pool, poolQuery, useEditPool } from "./api";
import { PoolForm } from "./PoolForm";
import { asPool, checkPool, type PoolValues, toEdit, valuesOf } from "./poolForm";
import { text } from "./text";
import { checkVariables, noVariables } from "./variables";

const route = getRouteApi("/signed-in/pools/$name/edit");

/** Changes a pool's members or what its containers are made from, its capacity and weight. */
export function EditPoolPage() {
  const { name } = route.useParams();
  const query = useQuery({ ...poolQuery(name), refetchInterval: false });
  return (
    <Page title={text.form.editTitle(name)}>
      <Loaded query={query}>{(pool) => <EditForm key={pool.id} pool={pool} />}</Loaded>
    </Page>
  );
}

function EditForm({ pool: read }: { pool: Pool }) {
  // Live news may read the pool again while somebody types: the form holds on to what it began with.
  const [pool] = useState(read);
  const [variables, setVariables] = useState(noVariables);
  const navigate = useNavigate();
  const notify = useNotice();
  const edit = useEditPool(pool.name);
  const back = () => navigate({ to: "/pools/$name", params: { name: pool.name } });
  const form = useForm<keyof PoolValues>({
    initial: { ...valuesOf(pool) },
    check: (values) => {
      const fault = checkVariables(variables, pool.environment);
      return { ...checkPool(asPool(values), false), ...(fault ? { environment: fault } : {}) };
    },
    error: edit.error,
    onSubmit: (values) => {
      const body = toEdit(asPool(values), pool, variables);
      if (Object.keys(body).length === 0) return void back();
      edit.mutate(body, {
        onSuccess: () => {
          notify({ tone: "green", message: text.actions.done.edit(pool.name) });
          void back();
        },
      });
    },
  });
  const body = toEdit(asPool(form.values), pool, variables);
  const path = `/api/gateway/pools/${pool.name}`;
  return (
    <PoolForm
      of={form}
      variables={variables}
      onVariables={setVariables}
      kept={pool.environment}
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
      {variables.fields.length === 0 && <SameWith call={{ method: "PATCH", path, body }} />}
    </PoolForm>
  );
}
