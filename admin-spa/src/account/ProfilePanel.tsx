import { Button, Group, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import type { Me, User } from "../api/types";
import { Facts } from "../parts/Facts";
import { useNotice } from "../parts/Notices";
import { Panel } from "../parts/Panel";
import { ProblemAlert } from "../parts/ProblemAlert";
import { useEditUser, userQuery } from "../people/api";
import { roleMeaning, roleName } from "../session/roles";
import { useMay } from "../session/useMay";
import { accountText } from "./text";

const { profile, name: words } = accountText;

/** Who one is, and what one may do. */
export function ProfilePanel({ me }: { me: Me }) {
  const may = useMay();
  const isPerson = me.email !== null;
  // A person's own account is read and changed as any other, by those who may.
  const canEdit = isPerson && may("users:read") && may("users:write");
  const user = useQuery({ ...userQuery(me.email ?? ""), enabled: canEdit });
  return (
    <Panel title={profile.title}>
      <Facts
        facts={[
          { name: profile.email, value: me.email ?? me.name, copy: me.email ?? undefined },
          me.role && { name: profile.role, value: `${roleName(me.role)}: ${roleMeaning(me.role)}` },
          {
            name: profile.scopes,
            value: me.scopes.includes("*") ? profile.everything : me.scopes.join(", "),
          },
        ]}
      />
      {user.data && <NameForm key={user.data.name} user={user.data} />}
      {isPerson && !canEdit && (
        <Text size="sm" c="dimmed">
          {words.notAllowed}
        </Text>
      )}
    </Panel>
  );
}

function NameForm({ user }: { user: User }) {
  const [name, setName] = useState(user.name);
  const notify = useNotice();
  const edit = useEditUser(user.email);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    edit.mutate(
      { name: name.trim() || null },
      { onSuccess: () => notify({ tone: "green", message: words.saved }) },
    );
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" mt="sm">
        <TextInput
          label={words.label}
          description={words.hint}
          value={name}
          maxLength={100}
          autoComplete="name"
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" variant="default" loading={edit.isPending} disabled={name.trim() === user.name}>
          {words.save}
        </Button>
      </Group>
      {edit.isError && <ProblemAlert error={edit.error} />}
    </form>
  );
}
