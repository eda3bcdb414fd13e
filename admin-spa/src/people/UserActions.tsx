import { Button, Group, Text } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import type { Link, User } from "../api/types";
import { SameWith, shellWord } from "../parts/CommandLine";
import { ConfirmDialog } from "../parts/ConfirmDialog";
import { useNotice } from "../parts/Notices";
import { Panel } from "../parts/Panel";
import { useEditUser, useReinviteUser, useRemoveTotp, useRemoveUser, useResetPassword } from "./api";
import { LinkDialog } from "./LinkDialog";
import { Refused } from "./Refused";
import { RolePanel } from "./RolePanel";
import { peopleText } from "./text";

const { user: words } = peopleText;

type Dialog = "disable" | "remove" | "totp" | null;

/** What can be done about somebody's account. */
export function UserActions({ user }: { user: User }) {
  const [dialog, setDialog] = useState<Dialog>(null);
  const [link, setLink] = useState<Link | null>(null);
  const navigate = useNavigate();
  const notify = useNotice();
  const edit = useEditUser(user.email);
  const remove = useRemoveUser(user.email);
  const removeTotp = useRemoveTotp(user.email);
  const reinvite = useReinviteUser(user.email);
  const reset = useResetPassword(user.email);
  const close = () => {
    setDialog(null);
    edit.reset();
    remove.reset();
    removeTotp.reset();
  };
  const done = () => {
    close();
    notify({ tone: "green", message: words.saved });
  };
  const asked = reinvite.error ?? reset.error ?? (dialog === null ? edit.error : null);

  return (
    <>
      <RolePanel user={user} />
      <Panel title={words.actions}>
        <Group gap="xs">
          {user.state === "invited" && (
            <Button
              variant="default"
              loading={reinvite.isPending}
              onClick={() => reinvite.mutate(undefined, { onSuccess: setLink })}
            >
              {words.reinvite}
            </Button>
          )}
          {user.state === "active" && (
            <Button
              variant="default"
              loading={reset.isPending}
              onClick={() => reset.mutate(undefined, { onSuccess: setLink })}
            >
              {words.reset}
            </Button>
          )}
          {user.totp_enabled && (
            <Button variant="default" onClick={() => setDialog("totp")}>
              {words.removeTotp}
            </Button>
          )}
          {user.state === "disabled" && (
            <Button
              variant="default"
              loading={edit.isPending}
              onClick={() => edit.mutate({ disabled: false }, { onSuccess: done })}
            >
              {words.enable}
            </Button>
          )}
        </Group>
        {asked && <Refused error={asked} />}
        <SameWith
          cli={[
            `gatewayctl user edit ${shellWord(user.email)} --role ${user.role}`,
            `gatewayctl user session end ${shellWord(user.email)}`,
          ].join("\n")}
        />
      </Panel>
      <Panel title={words.danger}>
        <Group gap="xs">
          {user.state !== "disabled" && (
            <Button variant="default" onClick={() => setDialog("disable")}>
              {words.disable}
            </Button>
          )}
          <Button color="red" variant="outline" onClick={() => setDialog("remove")}>
            {words.remove}
          </Button>
        </Group>
      </Panel>
      <ConfirmDialog
        opened={dialog === "disable"}
        onClose={close}
        title={words.disableTitle(user.email)}
        submit={words.disableSubmit}
        danger
        pending={edit.isPending}
        error={null}
        onConfirm={() => edit.mutate({ disabled: true }, { onSuccess: done })}
      >
        <Text>{words.disableBody}</Text>
        {edit.isError && <Refused error={edit.error} />}
      </ConfirmDialog>
      <ConfirmDialog
        opened={dialog === "totp"}
        onClose={close}
        title={words.removeTotpTitle(user.email)}
        submit={words.removeTotpSubmit}
        danger
        pending={removeTotp.isPending}
        error={removeTotp.error}
        onConfirm={() => removeTotp.mutate(undefined, { onSuccess: done })}
      >
        <Text>{words.removeTotpBody}</Text>
      </ConfirmDialog>
      <ConfirmDialog
        opened={dialog === "remove"}
        onClose={close}
        title={words.removeTitle(user.email)}
        phrase={user.email}
        submit={words.removeSubmit(user.email)}
        danger
        pending={remove.isPending}
        error={null}
        onConfirm={() =>
          remove.mutate(undefined, {
            onSuccess: () => {
              notify({ tone: "green", message: words.removed(user.email) });
              void navigate({ to: "/users" });
            },
          })
        }
      >
        <Text>{words.removeBody}</Text>
        {remove.isError && <Refused error={remove.error} />}
      </ConfirmDialog>
      <LinkDialog
        title={(user.state === "invited" ? peopleText.link.invited : peopleText.link.reset)(user.email)}
        email={user.email}
        link={link}
        onClose={() => setLink(null)}
      />
    </>
  );
}
