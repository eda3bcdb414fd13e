import { Button, Radio, Stack } from "@mantine/core";
import { type FormEvent, useState } from "react";
import type { Role, User } from "../api/types";
import { useNotice } from "../parts/Notices";
import { Panel } from "../parts/Panel";
import { roleMeaning, roleName, roles } from "../session/roles";
import { useEditUser } from "./api";
import { Refused } from "./Refused";
import { peopleText } from "./text";

const { user: words } = peopleText;

/** Gives somebody another role. */
export function RolePanel({ user }: { user: User }) {
  const [role, setRole] = useState<Role>(user.role);
  const edit = useEditUser(user.email);
  const notify = useNotice();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    edit.mutate({ role }, { onSuccess: () => notify({ tone: "green", message: words.saved }) });
  };
  return (
    <Panel title={words.role} hint={words.roleHint}>
      <form onSubmit={submit}>
        <Stack align="flex-start">
          <Radio.Group aria-label={words.role} value={role} onChange={(value) => setRole(value as Role)}>
            <Stack gap="xs">
              {roles.map((one) => (
                <Radio key={one} value={one} label={roleName(one)} description={roleMeaning(one)} />
              ))}
            </Stack>
          </Radio.Group>
          {edit.isError && <Refused error={edit.error} />}
          <Button type="submit" variant="default" disabled={role === user.role} loading={edit.isPending}>
            {words.roleSave(roleName(role))}
          </Button>
        </Stack>
      </form>
    </Panel>
  );
}
