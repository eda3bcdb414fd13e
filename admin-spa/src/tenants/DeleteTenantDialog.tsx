import { Alert, Button, Checkbox, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { type FormEvent, useEffect, useState } from "react";
import { asProblem } from "../api/problem";
import type { Tenant } from "../api/types";
import { ProblemAlert } from "../parts/ProblemAlert";
import { text } from "../text";
import { deletionNeedsForce, isBeingDeleted } from "./actions";

/** The problem code of a deletion refused because the tenant serves. */
const STILL_ACTIVE = "tenant_active";

interface DeleteTenantDialogProps {
  tenant: Tenant;
  opened: boolean;
  onClose: () => void;
  onDelete: (how: { force: boolean; purge: boolean }) => void;
  pending: boolean;
  error: unknown;
}

/**
 * Asks for the key to be typed, and for a tick more when the tenant is still serving. The data of a tenant that is deleted
 * already can only be removed for good.
 */
export function DeleteTenantDialog({
  tenant,
  opened,
  onClose,
  onDelete,
  pending,
  error,
}: DeleteTenantDialogProps) {
  const [typed, setTyped] = useState("");
  const [force, setForce] = useState(false);
  const [ticked, setTicked] = useState(false);
  useEffect(() => {
    if (opened) return;
    setTyped("");
    setForce(false);
    setTicked(false);
  }, [opened]);
  const going = isBeingDeleted(tenant);
  const purge = going || ticked;

  // The status on screen may be older than the server's: its refusal offers the same choice.
  const serving = deletionNeedsForce(tenant) || (error !== null && asProblem(error).code === STILL_ACTIVE);
  const ready = typed === tenant.key && (force || !serving);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) onDelete({ force: serving && force, purge });
  };

  return (
    <Modal opened={opened} onClose={onClose} title={text.remove.title(tenant.key)}>
      <form onSubmit={submit}>
        <Stack>
          <Text>{(going ? text.remove.keptBody : text.remove.body)(tenant.company_name)}</Text>
          {going ? (
            <Text c="var(--tone-red)">{text.remove.purgeMeaning}</Text>
          ) : (
            <Checkbox
              label={text.remove.purge}
              description={text.remove.purgeMeaning}
              checked={ticked}
              onChange={(event) => setTicked(event.currentTarget.checked)}
            />
          )}
          {serving && (
            <Alert
              variant="outline"
              color="var(--tone-orange)"
              icon={<IconAlertTriangle aria-hidden />}
              title={text.remove.activeTitle}
            >
              <Stack gap="sm">
                <Text size="sm">{text.remove.activeBody}</Text>
                <Checkbox
                  label={text.remove.force}
                  description={text.remove.forceMeaning}
                  checked={force}
                  onChange={(event) => setForce(event.currentTarget.checked)}
                />
              </Stack>
            </Alert>
          )}
          <TextInput
            label={(purge ? text.remove.confirmPurge : text.remove.confirm)(tenant.key)}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            data-autofocus
          />
          {error !== null && <ProblemAlert title={text.tenant.actionFailed} error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {text.remove.cancel}
            </Button>
            <Button type="submit" color="red" disabled={!ready} loading={pending}>
              {(purge ? text.remove.submitPurge : text.remove.submit)(tenant.key)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
