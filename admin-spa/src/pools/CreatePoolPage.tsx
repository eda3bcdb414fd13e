import { useNavigate } from "@tanstack/react-router";
import { useForm } from "../fleet/useForm";
import { SameWith, shellWord } from "../parts/CommandLine";
import { useNotice } from "../parts/Notices";
import { Page } from "../parts/Page";
import { ButtonLink } from "../parts/RouterLink";
import { useCreatePool } from "./api";
import { PoolForm } from "./PoolForm";
import { checkPool, emptyPool, type PoolValues, readMembers, toCreate } from "./poolForm";
import { text } from "./text";

function commandOf(values: PoolValues): string {
  const members = readMembers(values.members).map((member) => ` --backend ${shellWord(member)}`);
  const capacity = values.capacity.trim() ? ` --capacity ${shellWord(values.capacity.trim())}` : "";
  const weight = values.weight.trim() ? ` --weight ${shellWord(values.weight.trim())}` : "";
  return `gatewayctl pool create ${shellWord(values.name || "NAME")}${members.join("")}${capacity}${weight}`;
}

/** Makes a shared pool. */
export function CreatePoolPage() {
  const navigate = useNavigate();
  const notify = useNotice();
  const create = useCreatePool();
  const form = useForm<keyof PoolValues>({
    initial: { ...emptyPool },
    check: checkPool,
    error: create.error,
    onSubmit: (values) =>
      create.mutate(toCreate(values), {
        onSuccess: (pool) => {
          notify({ tone: "green", message: text.actions.done.create(pool.name) });
          void navigate({ to: "/pools/$name", params: { name: pool.name } });
        },
      }),
  });
  return (
    <Page title={text.form.createTitle}>
      <PoolForm
        of={form}
        named={false}
        pending={create.isPending}
        submit={text.form.create}
        cancel={
          <ButtonLink to="/pools" variant="default">
            {text.form.cancel}
          </ButtonLink>
        }
      >
        <SameWith
          cli={commandOf(form.values)}
          call={{ method: "POST", path: "/api/gateway/pools", body: toCreate(form.values) }}
        />
      </PoolForm>
    </Page>
  );
}
