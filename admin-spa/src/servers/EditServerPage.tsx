import { Button, Group, Paper, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { Field } from "../fleet/Field";
import { useForm } from "../fleet/useForm";
import { isOutside, readWhole } from "../fleet/wholeNumber";
import { Loaded } from "../parts/Loaded";
import { useNotice } from "../parts/Notices";
import { Page } from "../parts/Page";
import { ProblemAlert } from "../parts/ProblemAlert";
import { ButtonLink } from "../parts/RouterLink";
import { type DatabaseServer, type EditServer, serverQuery, useEditServer } from "./api";
import { text } from "./text";

const route = getRouteApi("/signed-in/database-servers/$name/edit");
const words = text.form;
const CAPACITY = { least: 0, most: 1_000_000 };

/** Changes what a database server takes, and what people call its place. */
export function EditServerPage() {
  const { name } = route.useParams();
  const query = useQuery({ ...serverQuery(name), refetchInterval: false });
  return (
    <Page title={words.editTitle(name)}>
      <Loaded query={query}>{(server) => <EditForm key={server.id} server={server} />}</Loaded>
    </Page>
  );
}

interface ServerValues {
  capacity: string;
  region: string;
}

/** What the fields change of a server; empty when they change nothing. */
function toEdit(values: ServerValues, server: DatabaseServer): EditServer {
  const capacity = readWhole(values.capacity) ?? null;
  const region = values.region.trim();
  return {
    ...(capacity === (server.capacity ?? null) ? {} : { capacity }),
    ...(region === server.region ? {} : { region: region || null }),
  };
}

function EditForm({ server }: { server: DatabaseServer }) {
  const navigate = useNavigate();
  const notify = useNotice();
  const edit = useEditServer(server.name);
  const back = () => navigate({ to: "/database-servers/$name", params: { name: server.name } });
  const form = useForm<keyof ServerValues>({
    initial: {
      capacity: typeof server.capacity === "number" ? String(server.capacity) : "",
      region: server.region,
    },
    check: (values) =>
      isOutside(readWhole(values.capacity), CAPACITY) ? { capacity: words.capacityWrong } : {},
    error: edit.error,
    onSubmit: (values) => {
      const body = toEdit(values, server);
      if (Object.keys(body).length === 0) return void back();
      edit.mutate(body, {
        onSuccess: () => {
          notify({ tone: "green", message: text.actions.done.edit(server.name) });
          void back();
        },
      });
    },
  });
  return (
    <Paper withBorder p="lg" maw="42rem" bg="var(--surface)">
      <form ref={form.form} onSubmit={form.submit} noValidate>
        <Stack gap="lg">
          <Field
            of={form}
            name="capacity"
            label={words.capacity}
            unit={words.capacityUnit}
            hint={words.capacityHint}
            numeric
          />
          <Field of={form} name="region" label={words.region} hint={words.regionHint} />
          <Text size="sm" c="dimmed">
            {words.address}
          </Text>
          {form.rest && <ProblemAlert title={words.failed} error={form.rest} />}
          <Group>
            <Button type="submit" loading={edit.isPending}>
              {words.save}
            </Button>
            <ButtonLink to="/database-servers/$name" params={{ name: server.name }} variant="default">
              {words.cancel}
            </ButtonLink>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}
