import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { Edited, readOnce, Stale } from "../fleet/Edited";
import { useForm } from "../fleet/useForm";
import { useNotice } from "../parts/Notices";
import { Page } from "../parts/Page";
import { ButtonLink } from "../parts/RouterLink";
import { type ReadServer, serverQuery, useEditServer } from "./api";
import { ServerForm } from "./ServerForm";
import { checkServer, type ServerValues, toEdit, valuesOf } from "./serverForm";
import { text } from "./text";

const route = getRouteApi("/signed-in/database-servers/$name/edit");
const words = text.form;

/** Changes what a database server takes, and where it is. */
export function EditServerPage() {
  const { name } = route.useParams();
  const query = useQuery({ ...serverQuery(name), ...readOnce });
  return (
    <Page title={words.editTitle(name)}>
      <Edited query={query}>{(read, onReload) => <EditForm read={read} onReload={onReload} />}</Edited>
    </Page>
  );
}

function EditForm({ read, onReload }: { read: ReadServer; onReload: () => void }) {
  const navigate = useNavigate();
  const notify = useNotice();
  const { server, etag } = read;
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
      <Stale error={edit.error} says={words.stale} reload={words.reload} onReload={onReload} />
    </ServerForm>
  );
}
