import { Button, Group, Modal, Radio, Stack, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { asProblem } from "../api/problem";
import type { Link, Role } from "../api/types";
import { ProblemAlert } from "../parts/ProblemAlert";
import { partsText } from "../parts/text";
import { roleMeaning, roleName, roles } from "../session/roles";
import { placeErrors } from "../tenants/pointers";
import { useInviteUser } from "./api";
import { peopleText } from "./text";

const words = peopleText.inviteForm;

interface InviteDialogProps {
  opened: boolean;
  onClose: () => void;
  onInvited: (email: string, link: Link) => void;
}

/** Makes an account for somebody, with the role they will have. */
export function InviteDialog({ opened, onClose, onInvited }: InviteDialogProps) {
  const [role, setRole] = useState<Role>("viewer");
  const [missing, setMissing] = useState<string>();
  const invite = useInviteUser();
  const { placed, rest } = placeErrors(invite.error ? asProblem(invite.error).errors : [], ["email", "name"]);
  const close = () => {
    invite.reset();
    setMissing(undefined);
    onClose();
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const email = String(form.get("email") ?? "").trim();
    const name = String(form.get("name") ?? "").trim();
    setMissing(email ? undefined : words.emailMissing);
    if (!email) return;
    invite.mutate(
      { email, role, ...(name ? { name } : {}) },
      {
        onSuccess: (made) => {
          invite.reset();
          onInvited(made.user.email, made.link);
        },
      },
    );
  };
  const isElsewhere = invite.isError && (rest.length > 0 || Object.keys(placed).length === 0);
  return (
    <Modal opened={opened} onClose={close} title={words.title}>
      <form onSubmit={submit} noValidate>
        <Stack>
          <TextInput
            label={words.email}
            name="email"
            type="email"
            autoComplete="off"
            autoCapitalize="none"
            error={missing ?? placed.email}
            data-autofocus
          />
          <TextInput
            label={words.name}
            description={words.nameHint}
            name="name"
            autoComplete="off"
            maxLength={100}
            error={placed.name}
          />
          <Radio.Group label={words.role} value={role} onChange={(value) => setRole(value as Role)}>
            <Stack gap="xs" mt="xs">
              {roles.map((one) => (
                <Radio key={one} value={one} label={roleName(one)} description={roleMeaning(one)} />
              ))}
            </Stack>
          </Radio.Group>
          {isElsewhere && <ProblemAlert error={invite.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {partsText.cancel}
            </Button>
            <Button type="submit" loading={invite.isPending}>
              {words.submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
