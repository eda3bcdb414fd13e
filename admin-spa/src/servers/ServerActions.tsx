import { Button, Group, Text } from "@mantine/core";
import { IconDropletDown, IconPencil, IconPlayerPlay, IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ratePlaces } from "../fleet/placement";
import { AskDialog } from "../parts/AskDialog";
import { useNotice } from "../parts/Notices";
import { ProblemAlert } from "../parts/ProblemAlert";
import { ButtonLink } from "../parts/RouterLink";
import {
  type DatabaseServer,
  type ReadServer,
  type ServerVerb,
  serverListQuery,
  useDeleteServer,
  useServerAction,
} from "./api";
import { asPlace } from "./asPlace";
import { text } from "./text";

type Ask = "drain" | "delete";

interface ServerActionsProps {
  read: ReadServer;
  /** The dialog that the address names. */
  ask: Ask | undefined;
  onAsk: (ask: Ask | undefined) => void;
}

/** What can be done with a database server. */
export function ServerActions({ read: { server, etag }, ask, onAsk }: ServerActionsProps) {
  const navigate = useNavigate();
  const notify = useNotice();
  const action = useServerAction(server.name);
  const remove = useDeleteServer(server.name);
  const { actions: words } = text;
  const act = (verb: ServerVerb) =>
    action.mutate(verb, {
      onSuccess: () => {
        notify({ tone: "green", message: words.done[verb](server.name) });
        if (ask) onAsk(undefined);
      },
    });
  const open = (which: Ask) => {
    action.reset();
    remove.reset();
    onAsk(which);
  };
  return (
    <>
      <Group gap="xs" role="group" aria-label={words.label}>
        {server.state !== "active" && (
          <Button
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
            onClick={() => act("start")}
            loading={action.isPending}
          >
            {words.start}
          </Button>
        )}
        <ButtonLink
          to="/database-servers/$name/edit"
          params={{ name: server.name }}
          variant="default"
          leftSection={<IconPencil size={16} aria-hidden />}
        >
          {words.edit}
        </ButtonLink>
        {server.state === "active" && (
          <Button
            variant="default"
            leftSection={<IconDropletDown size={16} aria-hidden />}
            onClick={() => open("drain")}
          >
            {words.drain}
          </Button>
        )}
        {!server.from_settings && (
          <Button
            variant="default"
            leftSection={<IconTrash size={16} aria-hidden color="var(--tone-red)" />}
            onClick={() => open("delete")}
          >
            {words.delete}
          </Button>
        )}
      </Group>
      {action.isError && ask === undefined && <ProblemAlert title={text.form.failed} error={action.error} />}
      <AskDialog
        opened={ask === "drain"}
        onClose={() => onAsk(undefined)}
        words={text.drain}
        name={server.name}
        sending={action}
        onConfirm={() => act("drain")}
      >
        <Text>{text.drain.body(server.tenants)}</Text>
        {ask === "drain" && <OtherServers without={server} />}
      </AskDialog>
      <AskDialog
        opened={ask === "delete" && !server.from_settings}
        onClose={() => onAsk(undefined)}
        words={text.remove}
        name={server.name}
        typed
        danger
        sending={remove}
        onConfirm={() =>
          remove.mutate(etag, {
            onSuccess: () => {
              notify({ tone: "green", message: words.done.delete(server.name) });
              void navigate({ to: "/database-servers" });
            },
          })
        }
      >
        <Text>{text.remove.body}</Text>
        {server.tenants > 0 && <Text c="var(--tone-red)">{text.remove.hasTenants(server.tenants)}</Text>}
        <Text size="sm" c="dimmed">
          {text.remove.after}
        </Text>
      </AskDialog>
    </>
  );
}

/** Where new tenants are placed once this server takes none. */
function OtherServers({ without }: { without: DatabaseServer }) {
  const servers = useQuery(serverListQuery).data;
  if (!servers) return null;
  const others = ratePlaces(servers.filter((server) => server.id !== without.id).map(asPlace));
  const open = others.filter(({ verdict }) => verdict === "chosen" || verdict === "later");
  return <Text>{text.drain.others(open.map(({ place }) => place.name))}</Text>;
}
