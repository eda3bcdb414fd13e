import { Button, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { asProblem } from "../api/problem";
import { useForm } from "../fleet/useForm";
import { Loaded } from "../parts/Loaded";
import { useNotice } from "../parts/Notices";
import { Page } from "../parts/Page";
import { ButtonLink } from "../parts/RouterLink";
import { type ReadServer, serverQuery, useEditServer } from "./api";
import { ServerForm } from "./ServerForm";
import { checkServer, type ServerValues, toEdit, valuesOf } from "./serverForm";
import { text } from "./text";

const route = getRouteApi("/signed-in/database-servers/$name/edit");
const words = text.form;
/** The status of an edit of something that has changed since it was read. */
const CHANGED_MEANWHILE = 412;

/** Changes what a database server takes, and where it is. */
export function EditServerPage() {
  const { name } = route.useParams();
  // What is edited stays as it was read: a change that comes meanwhile is refused by its version.
  const query = useQuery({ ...serverQuery(name), refetchInterval: false, refetchOnWindowFocus: false });
  const [version, setVersion] = useState(0);
  return (
    <Page title={words.editTitle(name)}>
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

function EditForm({ first, onReload }: { first: ReadServer; onReload: () => void }) {
  const navigate = useNavigate();
  const notify = useNotice();
  const [{ server, etag }] = useState(first);
  const edit = useEditServer(server.name);
  const back = () => navigate({ to: "/database-servers/$name", params: { name: server.name } });
  const form = useForm<keyof ServerValues>({
    initial: valuesOf(server),
    check: checkServer,
    error: edit.error,
    onSubmit: (values) => {
      const body = toEdit(values, server);
      if (Object.keys(body).length === 0) return void back();
      edit.mutate(
        { body, etag },
        {
          onSuccess: () => {
            notify({ tone: "green", message: text.actions.done.edit(server.name) });
            void back();
          },
        },
      );
    },
  });
  const isStale = edit.isError && asProblem(edit.error).status === CHANGED_MEANWHILE;
  const fixed = () => {
    if (server.from_settings) return words.addressOfSettings;
    return server.tenants > 0 ? words.addressInUse : undefined;
  };
  return (
    <ServerForm
      of={form}
      named
      fixed={fixed()}
      pending={edit.isPending}
      submit={words.save}
      cancel={
        <ButtonLink to="/database-servers/$name" params={{ name: server.name }} variant="default">
          {words.cancel}
        </ButtonLink>
      }
    >
      {isStale && (
        <Stack gap="xs" align="flex-start">
          <Text>{words.stale}</Text>
          <Button variant="default" onClick={onReload}>
            {words.reload}
          </Button>
        </Stack>
      )}
    </ServerForm>
  );
}
