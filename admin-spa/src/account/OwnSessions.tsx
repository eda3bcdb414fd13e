import { Button, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ConfirmDialog } from "../parts/ConfirmDialog";
import { Loaded } from "../parts/Loaded";
import { useNotice } from "../parts/Notices";
import { Panel } from "../parts/Panel";
import { ProblemAlert } from "../parts/ProblemAlert";
import { SessionTable } from "../people/SessionTable";
import { text } from "../text";
import { sessionsQuery, useEndSession, useEndSessions } from "./api";
import { accountText } from "./text";

const words = accountText.sessions;

/** Where one is logged in, with what ends it. */
export function OwnSessions() {
  const [asking, setAsking] = useState(false);
  const navigate = useNavigate();
  const notify = useNotice();
  const sessions = useQuery(sessionsQuery);
  const end = useEndSession();
  const endMany = useEndSessions();
  const tell = ({ ended }: { ended: number }) => notify({ tone: "green", message: words.ended(ended) });
  return (
    <Panel
      title={words.title}
      hint={words.hint}
      actions={
        <Group gap="xs">
          <Button
            variant="default"
            size="xs"
            loading={endMany.isPending && endMany.variables}
            onClick={() => endMany.mutate(true, { onSuccess: tell })}
          >
            {words.endOthers}
          </Button>
          <Button variant="default" size="xs" onClick={() => setAsking(true)}>
            {words.endAll}
          </Button>
        </Group>
      }
    >
      {end.isError && <ProblemAlert error={end.error} />}
      <Loaded query={sessions}>
        {(page) => (
          <SessionTable
            caption={words.caption}
            sessions={page.items}
            ending={end.isPending ? end.variables : undefined}
            onEnd={(session) => end.mutate(session.id, { onSuccess: tell })}
          />
        )}
      </Loaded>
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        title={text.user.everywhereTitle}
        submit={text.user.everywhereSubmit}
        pending={endMany.isPending}
        error={endMany.error}
        onConfirm={() =>
          endMany.mutate(false, { onSuccess: () => void navigate({ to: "/login", search: {} }) })
        }
      >
        {text.user.everywhereBody}
      </ConfirmDialog>
    </Panel>
  );
}
