import { Button, Group, Text } from "@mantine/core";
import {
  IconDropletDown,
  IconPencil,
  IconPlayerPlay,
  IconPlayerStop,
  IconRefresh,
  IconTool,
  IconTrash,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ratePlaces } from "../fleet/placement";
import { AskDialog } from "../parts/AskDialog";
import { useNotice } from "../parts/Notices";
import { ProblemAlert } from "../parts/ProblemAlert";
import { ButtonLink } from "../parts/RouterLink";
import { type Pool, type PoolVerb, poolListQuery, useDeletePool, usePoolAction } from "./api";
import { text } from "./text";

type Ask = "drain" | "stop" | "restart" | "delete";

interface PoolActionsProps {
  pool: Pool;
  /** The dialog that the address names. */
  ask: Ask | undefined;
  onAsk: (ask: Ask | undefined) => void;
}

/** What can be done with a pool, and the dialogs that say what it means. */
export function PoolActions({ pool, ask, onAsk }: PoolActionsProps) {
  const navigate = useNavigate();
  const notify = useNotice();
  const action = usePoolAction(pool.name);
  const remove = useDeletePool(pool.name);
  const { actions: words } = text;
  const open = (which: Ask) => {
    action.reset();
    remove.reset();
    onAsk(which);
  };
  const close = () => onAsk(undefined);
  const act = (verb: PoolVerb) =>
    action.mutate(verb, {
      onSuccess: () => {
        notify({ tone: "green", message: words.done[verb](pool.name) });
        close();
      },
    });

  // Nothing is changed of a pool on its way out.
  if (pool.state === "deleting") return null;
  return (
    <>
      <Group gap="xs" role="group" aria-label={words.label}>
        {pool.state !== "active" && (
          <Button
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
            onClick={() => act("start")}
            loading={action.isPending && action.variables === "start"}
          >
            {words.start}
          </Button>
        )}
        <ButtonLink
          to="/pools/$name/edit"
          params={{ name: pool.name }}
          variant="default"
          leftSection={<IconPencil size={16} aria-hidden />}
        >
          {words.edit}
        </ButtonLink>
        {pool.managed && pool.problem && (
          <Button
            variant={pool.problem.retried ? "default" : "filled"}
            leftSection={<IconTool size={16} aria-hidden />}
            onClick={() => act("provision")}
            loading={action.isPending && action.variables === "provision"}
          >
            {words.provision}
          </Button>
        )}
        {pool.managed && pool.state !== "stopped" && (
          <Button
            variant="default"
            leftSection={<IconRefresh size={16} aria-hidden />}
            onClick={() => open("restart")}
          >
            {words.restart}
          </Button>
        )}
        {pool.state === "active" && (
          <Button
            variant="default"
            leftSection={<IconDropletDown size={16} aria-hidden />}
            onClick={() => open("drain")}
          >
            {words.drain}
          </Button>
        )}
        {pool.state !== "stopped" && (
          <Button
            variant="default"
            leftSection={<IconPlayerStop size={16} aria-hidden color="var(--tone-red)" />}
            onClick={() => open("stop")}
          >
            {words.stop}
          </Button>
        )}
        <Button
          variant="default"
          leftSection={<IconTrash size={16} aria-hidden color="var(--tone-red)" />}
          onClick={() => open("delete")}
        >
          {words.delete}
        </Button>
      </Group>
      {action.isError && ask === undefined && <ProblemAlert title={text.form.failed} error={action.error} />}
      <AskDialog
        opened={ask === "drain"}
        onClose={close}
        words={text.drain}
        name={pool.name}
        sending={action}
        onConfirm={() => act("drain")}
      >
        <Text>{text.drain.body(pool.tenants)}</Text>
        {ask === "drain" && <OtherPools without={pool} />}
      </AskDialog>
      <AskDialog
        opened={ask === "restart" && pool.managed}
        onClose={close}
        words={text.restart}
        name={pool.name}
        sending={action}
        onConfirm={() => act("restart")}
      >
        <Text>{text.restart.body(pool.replicas ?? 1)}</Text>
      </AskDialog>
      <AskDialog
        opened={ask === "stop"}
        onClose={close}
        words={text.stop}
        name={pool.name}
        typed={pool.tenants > 0}
        danger
        sending={action}
        onConfirm={() => act("stop")}
      >
        <Text>{text.stop.body(pool.tenants)}</Text>
        {ask === "stop" && pool.state === "active" && <OtherPools without={pool} />}
      </AskDialog>
      <AskDialog
        opened={ask === "delete"}
        onClose={close}
        words={text.remove}
        name={pool.name}
        typed
        danger
        sending={remove}
        onConfirm={() =>
          remove.mutate(undefined, {
            onSuccess: (left) => {
              const done = left.state === "deleting" ? words.done.deleting : words.done.delete;
              notify({ tone: "green", message: done(pool.name) });
              void navigate({ to: "/pools" });
            },
          })
        }
      >
        <Text>{pool.managed ? text.remove.managedBody : text.remove.body}</Text>
        {pool.from_settings && <Text c="var(--tone-red)">{text.remove.fromSettings}</Text>}
        {!pool.from_settings && pool.tenants > 0 && (
          <Text c="var(--tone-red)">{text.remove.hasTenants(pool.tenants)}</Text>
        )}
        <Text size="sm" c="dimmed">
          {text.remove.deletedOnes}
        </Text>
      </AskDialog>
    </>
  );
}

/** Where new tenants go once this pool takes none. */
function OtherPools({ without }: { without: Pool }) {
  const pools = useQuery(poolListQuery).data;
  if (!pools) return null;
  const others = pools
    .filter((pool) => pool.id !== without.id)
    .map((pool) => ({ ...pool, capacity: pool.capacity ?? null }));
  const open = ratePlaces(others).filter(({ verdict }) => verdict === "chosen" || verdict === "later");
  return <Text>{text.drain.others(open.map(({ place }) => place.name))}</Text>;
}
