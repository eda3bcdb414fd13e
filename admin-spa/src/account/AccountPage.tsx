import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { meQuery } from "../api/session";
import { Loaded } from "../parts/Loaded";
import { Page } from "../parts/Page";
import { OwnSessions } from "./OwnSessions";
import { PasswordPanel } from "./PasswordPanel";
import { ProfilePanel } from "./ProfilePanel";
import { TotpPanel } from "./TotpPanel";
import { accountText } from "./text";

/** One's own account: who one is, how one logs in, where one is logged in. */
export function AccountPage() {
  const me = useQuery(meQuery);
  return (
    <Page title={accountText.title}>
      <Loaded query={me}>
        {(who) => (
          <Stack>
            <ProfilePanel me={who} />
            <PasswordPanel email={who.email ?? ""} />
            <TotpPanel enabled={who.totp_enabled ?? false} />
            <OwnSessions />
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}
