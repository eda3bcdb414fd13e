import { Button, Menu } from "@mantine/core";
import { IconDevices, IconLogout, IconUser, IconUserCog } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { asProblem } from "../api/problem";
import { meQuery, useLogout, useLogoutEverywhere } from "../api/session";
import { AfterPaint } from "../parts/AfterPaint";
import { ConfirmDialog } from "../parts/ConfirmDialog";
import { useNotice } from "../parts/Notices";
import { roleName } from "../session/roles";
import { text } from "../text";
import classes from "./UserMenu.module.css";

/** Who is signed in, the way to their account, and the ways out. */
export function UserMenu() {
  const me = useQuery(meQuery).data;
  const navigate = useNavigate();
  const notify = useNotice();
  const logout = useLogout();
  const everywhere = useLogoutEverywhere();
  const [asking, setAsking] = useState(false);
  if (!me) return null;

  // The login page empties the cache: doing it here would make this page ask for everything again.
  const leave = () => navigate({ to: "/login", search: {} });

  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button
            variant="subtle"
            color="gray"
            size="sm"
            px="xs"
            leftSection={<IconUser size={18} aria-hidden />}
            aria-label={text.user.menu(me.name)}
            classNames={{ label: classes.name ?? "", section: classes.icon ?? "" }}
            loading={logout.isPending}
          >
            {me.name}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>
            {text.user.signedInAs} {me.email ?? me.name}
            {me.role ? ` (${roleName(me.role)})` : ""}
          </Menu.Label>
          <Menu.Item component={Link} to="/account" leftSection={<IconUserCog size={16} aria-hidden />}>
            {text.user.account}
          </Menu.Item>
          <Menu.Item leftSection={<IconDevices size={16} aria-hidden />} onClick={() => setAsking(true)}>
            {text.user.logoutEverywhere}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconLogout size={16} aria-hidden />}
            onClick={() =>
              logout.mutate(undefined, {
                onSuccess: leave,
                onError: (error) => notify({ tone: "red", message: asProblem(error).title }),
              })
            }
          >
            {text.user.logout}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <AfterPaint>
        <ConfirmDialog
          opened={asking}
          onClose={() => setAsking(false)}
          title={text.user.everywhereTitle}
          submit={text.user.everywhereSubmit}
          pending={everywhere.isPending}
          error={everywhere.error}
          onConfirm={() => everywhere.mutate(undefined, { onSuccess: leave })}
        >
          {text.user.everywhereBody}
        </ConfirmDialog>
      </AfterPaint>
    </>
  );
}
