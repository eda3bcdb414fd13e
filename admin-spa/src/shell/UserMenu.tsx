import { Button, Menu } from "@mantine/core";
import { IconLogout, IconUser } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { meQuery, useLogout } from "../api/session";
import { text } from "../text";
import classes from "./UserMenu.module.css";

/** Who is signed in, and the way out. */
export function UserMenu() {
  const me = useQuery(meQuery).data;
  const navigate = useNavigate();
  const logout = useLogout();
  if (!me) return null;

  const leave = () =>
    logout.mutate(undefined, {
      // The login page empties the cache: doing it here would make this page ask for everything again.
      onSuccess: () => navigate({ to: "/login", search: {} }),
    });

  return (
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
          {me.role ? ` (${me.role})` : ""}
        </Menu.Label>
        <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={leave}>
          {text.user.logout}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
