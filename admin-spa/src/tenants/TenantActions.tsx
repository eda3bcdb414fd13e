import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import {
  IconArrowBackUp,
  IconKey,
  IconPlayerPause,
  IconPlayerPlay,
  IconPlayerStop,
  IconRefresh,
  IconTrash,
} from "@tabler/icons-react";
import { useState } from "react";
import { useTenantAction } from "../api/tenants";
import type { Tenant } from "../api/types";
import { ProblemAlert } from "../parts/ProblemAlert";
import { text } from "../text";
import { isBeingDeleted, offeredActions } from "./actions";
import { DeleteTenantDialog } from "./DeleteTenantDialog";

const words = text.tenant.actions;

/** What happens at once, without a dialog, in the order of the buttons. */
const atOnce = [
  { verb: "retry", icon: IconRefresh, main: true },
  { verb: "undelete", icon: IconArrowBackUp, main: true },
  { verb: "reactivate", icon: IconPlayerPlay, main: true },
  { verb: "resume", icon: IconPlayerPlay, main: true },
  { verb: "rotate", icon: IconKey, main: false },
  { verb: "pause", icon: IconPlayerPause, main: false },
] as const;

/** The buttons for what this tenant's status allows, and the dialogs they open. */
export function TenantActions({ tenant }: { tenant: Tenant }) {
  const action = useTenantAction(tenant.key);
  const [dialog, setDialog] = useState<"suspend" | "delete" | null>(null);
  const offered = offeredActions(tenant);
  const close = () => setDialog(null);
  const open = (which: "suspend" | "delete") => {
    action.reset();
    setDialog(which);
  };
  if (offered.length === 0) return null;

  return (
    <>
      <Group gap="xs" role="group" aria-label={words.label}>
        {atOnce
          .filter(({ verb }) => offered.includes(verb))
          .map(({ verb, icon: Icon, main }) => (
            <Button
              key={verb}
              variant={main ? "filled" : "default"}
              leftSection={<Icon size={16} aria-hidden />}
              onClick={() => action.mutate({ verb })}
              loading={action.isPending && action.variables.verb === verb}
              disabled={action.isPending}
            >
              {words[verb]}
            </Button>
          ))}
        {offered.includes("suspend") && (
          <Button
            variant="default"
            leftSection={<IconPlayerStop size={16} aria-hidden />}
            onClick={() => open("suspend")}
          >
            {words.suspend}
          </Button>
        )}
        {offered.includes("delete") && (
          <Button
            variant="default"
            leftSection={<IconTrash size={16} aria-hidden color="var(--tone-red)" />}
            onClick={() => open("delete")}
          >
            {isBeingDeleted(tenant) ? words.purge : words.delete}
          </Button>
        )}
      </Group>
      {action.isError && dialog === null && (
        <ProblemAlert title={text.tenant.actionFailed} error={action.error} />
      )}
      <Modal opened={dialog === "suspend"} onClose={close} title={text.suspend.title(tenant.key)}>
        <Stack>
          <Text>{text.suspend.body}</Text>
          {action.isError && <ProblemAlert title={text.tenant.actionFailed} error={action.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {text.suspend.cancel}
            </Button>
            <Button
              loading={action.isPending}
              onClick={() => action.mutate({ verb: "suspend" }, { onSuccess: close })}
            >
              {text.suspend.submit(tenant.key)}
            </Button>
          </Group>
        </Stack>
      </Modal>
      <DeleteTenantDialog
        tenant={tenant}
        opened={dialog === "delete"}
        onClose={close}
        onDelete={(how) => action.mutate({ verb: "delete", ...how }, { onSuccess: close })}
        pending={action.isPending}
        error={action.error}
      />
    </>
  );
}
