import { Button, Group, Text } from "@mantine/core";
import { IconDropletDown, IconPencil, IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { ratePlaces } from "../fleet/placement";
import { ConfirmDialog } from "../parts/ConfirmDialog";
import { useNotice } from "../parts/Notices";
import { ProblemAlert } from "../parts/ProblemAlert";
import { ButtonLink } from "../parts/RouterLink";
import { type DatabaseServer, type ServerVerb, serverListQuery, useServerAction } from "./api";
import { asPlace } from "./asPlace";
import { text } from "./text";

interface ServerActionsProps {
  server: DatabaseServer;
  /** Whether the address names the dialog. */
  asking: boolean;
  onAsk: (asking: boolean) => void;
}

/** What can be done with a database server. */
export function ServerActions({ server, asking, onAsk }: ServerActionsProps) {
  const notify = useNotice();
  const action = useServerAction(server.name);
  const { actions: words } = text;
  const act = (verb: ServerVerb) =>
    action.mutate(verb, {
      onSuccess: () => {
        notify({ tone: "green", message: words.done[verb](server.name) });
        if (asking) onAsk(false);
      },
    });
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
            onClick={() => {
              action.reset();
              onAsk(true);
            }}
          >
            {words.drain}
          </Button>
        )}
      </Group>
      {action.isError && !asking && <ProblemAlert title={text.form.failed} error={action.error} />}
      <ConfirmDialog
        opened={asking}
        onClose={() => onAsk(false)}
        title={text.drain.title(server.name)}
        submit={text.drain.submit(server.name)}
        cancel={text.drain.cancel}
        pending={action.isPending}
        error={action.error}
        onConfirm={() => act("drain")}
      >
        <Text>{text.drain.body(server.tenants)}</Text>
        {asking && <OtherServers without={server} />}
      </ConfirmDialog>
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
