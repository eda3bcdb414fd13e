import { Button, Text } from "@mantine/core";
import { accountText } from "../account/text";
import type { Session } from "../api/types";
import { type Column, DataTable } from "../parts/DataTable";
import { TimeAgo } from "../parts/TimeAgo";
import { browserName } from "./browserName";

const words = accountText.sessions;

interface SessionTableProps {
  caption: string;
  sessions: readonly Session[];
  /** The session that is being ended. */
  ending: string | undefined;
  /** Absent where the person may only look. */
  onEnd?: (session: Session) => void;
}

/** Logins of one person. */
export function SessionTable({ caption, sessions, ending, onEnd }: SessionTableProps) {
  const columns: Column<Session>[] = [
    {
      id: "where",
      header: words.columns.where,
      names: true,
      cell: (session) => (
        <>
          {session.address}
          {session.current && (
            <Text component="span" size="sm" c="dimmed" fw={400}>
              {" "}
              · {words.current}
            </Text>
          )}
        </>
      ),
    },
    {
      id: "browser",
      header: words.columns.browser,
      cell: (session) => (
        <span title={session.user_agent}>{browserName(session.user_agent) ?? words.unknown}</span>
      ),
    },
    {
      id: "login",
      header: words.columns.login,
      whole: true,
      cell: (session) => <TimeAgo at={session.created_at} />,
    },
    {
      id: "seen",
      header: words.columns.seen,
      whole: true,
      cell: (session) => <TimeAgo at={session.last_seen_at} />,
    },
    {
      id: "ends",
      header: words.columns.ends,
      whole: true,
      cell: (session) => <TimeAgo at={session.expires_at} />,
    },
  ];
  if (onEnd) {
    columns.push({
      id: "act",
      header: words.end,
      cell: (session) =>
        !session.current && (
          <Button
            variant="default"
            size="xs"
            aria-label={words.endOf(session.address)}
            loading={ending === session.id}
            onClick={() => onEnd(session)}
          >
            {words.end}
          </Button>
        ),
    });
  }
  return <DataTable caption={caption} columns={columns} rows={sessions} rowKey={(session) => session.id} />;
}
