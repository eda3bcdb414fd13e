import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useForm } from "../fleet/useForm";
import { SameWith, shellWord } from "../parts/CommandLine";
import { useNotice } from "../parts/Notices";
import { Page } from "../parts/Page";
import { ButtonLink } from "../parts/RouterLink";
import { useCreatePool } from "./api";
import { PoolForm } from "./PoolForm";
import { asPool, checkPool, emptyPool, type PoolValues, readMembers, toCreate } from "./poolForm";
import { text } from "./text";
import { checkVariables, noVariables } from "./variables";

/** The same as a line of `gatewayctl`; values of variables come out of a file. */
function commandOf(values: PoolValues, hasVariables: boolean): string {
  const option = (name: string, value: string) =>
    value.trim() ? ` --${name} ${shellWord(value.trim())}` : "";
  const containers = [
    option("image", values.image),
    option("replicas", values.replicas),
    option("port", values.port),
    option("env-file", hasVariables ? "FILE" : ""),
    option("memory", values.memory_mib),
    option("cpus", values.cpus),
    option("pids", values.pids),
  ];
  const members = readMembers(values.members).map((member) => option("backend", member));
  return [
    `gatewayctl pool create ${shellWord(values.name || "NAME")}`,
    ...(values.kind === "managed" ? containers : members),
    option("capacity", values.capacity),
    option("weight", values.weight),
  ].join("");
}

/** Makes a shared pool. */
export function CreatePoolPage() {
  const navigate = useNavigate();
  const notify = useNotice();
  const create = useCreatePool();
  const [variables, setVariables] = useState(noVariables);
  const form = useForm<keyof PoolValues>({
    initial: { ...emptyPool },
    check: (values) => {
      const fault = values.kind === "managed" ? checkVariables(variables, []) : undefined;
      return { ...checkPool(asPool(values)), ...(fault ? { environment: fault } : {}) };
    },
    error: create.error,
    onSubmit: (values) =>
      create.mutate(toCreate(asPool(values), variables), {
        onSuccess: (pool) => {
          notify({ tone: "green", message: text.actions.done.create(pool.name) });
          void navigate({ to: "/pools/$name", params: { name: pool.name } });
        },
      }),
  });
  const values = asPool(form.values);
  const body = toCreate(values, variables);
  return (
    <Page title={text.form.createTitle}>
      <PoolForm
        of={form}
        variables={variables}
        onVariables={setVariables}
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
          cli={commandOf(values, body.environment !== undefined)}
          // Values of variables are not for a shell's history.
          {...(body.environment ? {} : { call: { method: "POST", path: "/api/gateway/pools", body } })}
        />
      </PoolForm>
    </Page>
  );
}
