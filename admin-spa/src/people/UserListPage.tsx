import { Button, Group, NativeSelect, Text } from "@mantine/core";
import { IconShieldCheck, IconUserPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import type { Link, Role, User } from "../api/types";
import { CursorPager } from "../parts/CursorPager";
import { type Column, DataTable } from "../parts/DataTable";
import { EmptyState } from "../parts/EmptyState";
import { Loaded } from "../parts/Loaded";
import { Page } from "../parts/Page";
import { AnchorLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import { useRowKeys } from "../parts/useRowKeys";
import { roleName, roles } from "../session/roles";
import { useMay } from "../session/useMay";
import { type UserState, userListQuery } from "./api";
import { InviteDialog } from "./InviteDialog";
import { LinkDialog } from "./LinkDialog";
import { peopleText } from "./text";
import { UserBadge } from "./UserBadge";

const route = getRouteApi("/signed-in/users");

const { columns: heads, filters } = peopleText;
const NOBODY: readonly string[] = [];

const columns: readonly Column<User>[] = [
  {
    id: "person",
    header: heads.person,
    names: true,
    cell: (user) => (
      <>
        <AnchorLink to="/users/$email" params={{ email: user.email }} fw={600}>
          {user.email}
        </AnchorLink>
        {user.name && (
          <Text size="sm" c="dimmed" fw={400}>
            {user.name}
          </Text>
        )}
      </>
    ),
  },
  { id: "role", header: heads.role, cell: (user) => roleName(user.role) },
  { id: "state", header: heads.state, cell: (user) => <UserBadge state={user.state} /> },
  {
    id: "totp",
    header: heads.totp,
    cell: (user) =>
      user.totp_enabled ? (
        <Group gap={6} wrap="nowrap">
          <IconShieldCheck size={16} aria-hidden /> {peopleText.on}
        </Group>
      ) : (
        peopleText.off
      ),
  },
  {
    id: "login",
    header: heads.login,
    whole: true,
    cell: (user) => (user.last_login_at ? <TimeAgo at={user.last_login_at} /> : peopleText.never),
  },
];

/** Who may use this console. */
export function UserListPage() {
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay();
  const list = useQuery(userListQuery(pick(filter)));
  const [invited, setInvited] = useState<{ email: string; link: Link } | null>(null);
  const isFiltered = Boolean(filter.role || filter.state);
  const current = useRowKeys({
    keys: list.data?.items.map((user) => user.email) ?? NOBODY,
    onOpen: (email) => void navigate({ to: "/users/$email", params: { email } }),
  });
  const close = () => void navigate({ search: ({ dialog: _, ...rest }) => rest, replace: true });

  return (
    <Page
      title={peopleText.title}
      actions={
        may("users:write") && (
          <Button
            leftSection={<IconUserPlus size={16} aria-hidden />}
            onClick={() => void navigate({ search: (before) => ({ ...before, dialog: "invite" }) })}
          >
            {peopleText.invite}
          </Button>
        )
      }
    >
      <Group mb="md">
        <NativeSelect
          label={filters.role}
          value={filter.role ?? ""}
          onChange={(event) =>
            void navigate({ search: pick({ ...filter, role: event.currentTarget.value as Role }) })
          }
          data={[
            { value: "", label: filters.any },
            ...roles.map((role) => ({ value: role, label: roleName(role) })),
          ]}
        />
        <NativeSelect
          label={filters.state}
          value={filter.state ?? ""}
          onChange={(event) =>
            void navigate({ search: pick({ ...filter, state: event.currentTarget.value as UserState }) })
          }
          data={[
            { value: "", label: filters.any },
            ...Object.entries(peopleText.state).map(([value, label]) => ({ value, label })),
          ]}
        />
      </Group>
      <Loaded query={list} height={240}>
        {(page) =>
          page.items.length === 0 && isFiltered ? (
            <EmptyState
              title={peopleText.emptyTitle}
              action={
                <Button variant="default" onClick={() => void navigate({ search: {} })}>
                  {peopleText.clear}
                </Button>
              }
            >
              {peopleText.empty}
            </EmptyState>
          ) : (
            <>
              <DataTable
                caption={peopleText.caption}
                columns={columns}
                rows={page.items}
                rowKey={(user) => user.email}
                current={current}
              />
              <CursorPager
                count={page.items.length}
                cursor={filter.cursor}
                next={page.next_cursor}
                onMove={(cursor) => void navigate({ search: pick({ ...filter, cursor }) })}
              />
            </>
          )
        }
      </Loaded>
      <InviteDialog
        opened={filter.dialog === "invite" && may("users:write")}
        onClose={close}
        onInvited={(email, link) => {
          close();
          setInvited({ email, link });
        }}
      />
      <LinkDialog
        title={peopleText.link.invited(invited?.email ?? "")}
        email={invited?.email ?? ""}
        link={invited?.link ?? null}
        onClose={() => setInvited(null)}
      />
    </Page>
  );
}

/** A filter without what is empty; a changed filter begins at the first page. */
function pick(filter: { role?: Role; state?: UserState; cursor?: string | undefined }) {
  return {
    ...(filter.role ? { role: filter.role } : {}),
    ...(filter.state ? { state: filter.state } : {}),
    ...(filter.cursor ? { cursor: filter.cursor } : {}),
  };
}
