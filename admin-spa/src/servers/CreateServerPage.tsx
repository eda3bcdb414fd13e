import { Stack, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useForm } from "../fleet/useForm";
import { SameWith, shellWord } from "../parts/CommandLine";
import { useNotice } from "../parts/Notices";
import { Page } from "../parts/Page";
import { ButtonLink } from "../parts/RouterLink";
import { useCreateServer } from "./api";
import { ServerForm } from "./ServerForm";
import { checkServer, emptyServer, type ServerValues, toCreate } from "./serverForm";
import { text } from "./text";

function commandOf(values: ServerValues): string {
  const option = (name: keyof ServerValues) =>
    values[name].trim() ? ` --${name} ${shellWord(values[name].trim())}` : "";
  const options = (["address", "capacity", "weight", "overcommit", "region"] as const).map(option);
  return `gatewayctl server create ${shellWord(values.name || "NAME")}${options.join("")}`;
}

/** Makes a database server known. */
export function CreateServerPage() {
  const navigate = useNavigate();
  const notify = useNotice();
  const create = useCreateServer();
  const form = useForm<keyof ServerValues>({
    initial: { ...emptyServer },
    check: checkServer,
    error: create.error,
    onSubmit: (values) =>
      create.mutate(toCreate(values), {
        onSuccess: ({ server }) => {
          notify({ tone: "green", message: text.actions.done.create(server.name) });
          void navigate({ to: "/database-servers/$name", params: { name: server.name } });
        },
      }),
  });
  return (
    <Page title={text.form.createTitle}>
      <Stack>
        <Text c="dimmed" maw="42rem">
          {text.form.createIntro}
        </Text>
        <ServerForm
          of={form}
          named={false}
          pending={create.isPending}
          submit={text.form.create}
          cancel={
            <ButtonLink to="/database-servers" variant="default">
              {text.form.cancel}
            </ButtonLink>
          }
        >
          <SameWith
            cli={commandOf(form.values)}
            call={{ method: "POST", path: "/api/gateway/database-servers", body: toCreate(form.values) }}
          />
        </ServerForm>
      </Stack>
    </Page>
  );
}
