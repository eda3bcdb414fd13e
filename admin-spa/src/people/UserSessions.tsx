import { Button, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { accountText } from "../account/text";
import { Loaded } from "../parts/Loaded";
import { useNotice } from "../parts/Notices";
import { Panel } from "../parts/Panel";
import { ProblemAlert } from "../parts/ProblemAlert";
import { useEndUserSession, useEndUserSessions, userSessionsQuery } from "./api";
import { SessionTable } from "./SessionTable";
import { peopleText } from "./text";

const words = peopleText.sessions;

/** Where somebody is logged in. */
export function UserSessions({ email, mayEnd }: { email: string; mayEnd: boolean }) {
  const sessions = useQuery(userSessionsQuery(email));
  const end = useEndUserSession(email);
  const endAll = useEndUserSessions(email);
  const notify = useNotice();
  const tell = ({ ended }: { ended: number }) =>
    notify({ tone: "green", message: accountText.sessions.ended(ended) });
  const some = (sessions.data?.items.length ?? 0) > 0;
  return (
    <Panel
      title={words.title}
      hint={words.hint}
      actions={
        mayEnd &&
        some && (
          <Button
            variant="default"
            size="xs"
            loading={endAll.isPending}
            onClick={() => endAll.mutate(undefined, { onSuccess: tell })}
          >
            {words.endAll}
          </Button>
        )
      }
    >
      {(end.isError || endAll.isError) && <ProblemAlert error={end.error ?? endAll.error} />}
      <Loaded query={sessions}>
        {(page) =>
          page.items.length === 0 ? (
            <Text c="dimmed">{words.none}</Text>
          ) : (
            <SessionTable
              caption={words.caption}
              sessions={page.items}
              ending={end.isPending ? end.variables : undefined}
              {...(mayEnd
                ? { onEnd: (session: { id: string }) => end.mutate(session.id, { onSuccess: tell }) }
                : {})}
            />
          )
        }
      </Loaded>
    </Panel>
  );
}
