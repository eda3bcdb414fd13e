import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { meQuery } from "../api/session";
import type { User } from "../api/types";
import { Facts } from "../parts/Facts";
import { Loaded } from "../parts/Loaded";
import { Page } from "../parts/Page";
import { Panel } from "../parts/Panel";
import { AnchorLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import { roleMeaning, roleName } from "../session/roles";
import { useMay } from "../session/useMay";
import { userQuery } from "./api";
import { peopleText } from "./text";
import { UserActions } from "./UserActions";
import { UserBadge } from "./UserBadge";
import { UserSessions } from "./UserSessions";

const route = getRouteApi("/signed-in/users/$email");
const { user: words } = peopleText;

/** One person: the account, what can be done about it, and where they are logged in. */
export function UserPage() {
  const { email } = route.useParams();
  const user = useQuery(userQuery(email));
  const may = useMay();
  return (
    <Page title={user.data?.email ?? email} beside={user.data && <UserBadge state={user.data.state} />}>
      <Loaded query={user} height={240}>
        {(person) => (
          <Stack>
            <AccountPanel user={person} />
            {may("users:write") && <UserActions user={person} />}
            <UserSessions email={person.email} mayEnd={may("users:write")} />
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

function AccountPanel({ user }: { user: User }) {
  const me = useQuery(meQuery).data;
  const may = useMay();
  const { fields } = words;
  return (
    <Panel title={words.facts}>
      {me?.email === user.email && (
        <Text size="sm" c="dimmed" mb="xs">
          {words.self}
        </Text>
      )}
      <Facts
        facts={[
          { name: fields.role, value: `${roleName(user.role)}: ${roleMeaning(user.role)}` },
          { name: fields.totp, value: user.totp_enabled ? peopleText.on : peopleText.off },
          {
            name: fields.login,
            value: user.last_login_at ? <TimeAgo at={user.last_login_at} /> : peopleText.never,
          },
          user.invited_until && { name: fields.invited, value: <TimeAgo at={user.invited_until} /> },
          user.disabled_at && { name: fields.disabled, value: <TimeAgo at={user.disabled_at} /> },
          { name: fields.created, value: <TimeAgo at={user.created_at} /> },
          { name: fields.by, value: user.created_by },
          { name: fields.id, value: user.id, copy: user.id },
        ]}
      />
      {may("audit:read") && (
        <Text size="sm" mt="xs">
          <AnchorLink to="/audit" search={{ actor: `user:${user.email}` }}>
            {words.audit}
          </AnchorLink>
        </Text>
      )}
    </Panel>
  );
}
