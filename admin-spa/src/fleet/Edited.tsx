import { Button, Stack, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { asProblem } from "../api/problem";
import { Loaded } from "../parts/Loaded";

/** The status of an edit of something that has changed since it was read. */
const CHANGED_MEANWHILE = 412;

/** What a query is given besides, so that what is edited stays as it was read: its version refuses a change that comes meanwhile. */
export const readOnce = { refetchInterval: false, refetchOnWindowFocus: false } as const;

interface EditedProps<Read> {
  query: UseQueryResult<Read>;
  /** The form about what was read; `onReload` reads it anew and begins a new form. */
  children: (read: Read, onReload: () => void) => ReactNode;
}

/** Something that is edited, once it is read. Live news do not reach the form: it keeps what it began with. */
export function Edited<Read>({ query, children }: EditedProps<Read>) {
  const [version, setVersion] = useState(0);
  const reload = () => void query.refetch().then(() => setVersion((before) => before + 1));
  return (
    <Loaded query={query}>
      {(read) => <Kept key={version} read={read} draw={(kept) => children(kept, reload)} />}
    </Loaded>
  );
}

function Kept<Read>({ read, draw }: { read: Read; draw: (kept: Read) => ReactNode }) {
  const [kept] = useState(read);
  return draw(kept);
}

interface StaleProps {
  /** What the server said to the last try; null before it. */
  error: unknown;
  says: string;
  reload: string;
  onReload: () => void;
}

/** Says that somebody else changed it meanwhile, where that is why the change was refused. */
export function Stale({ error, says, reload, onReload }: StaleProps) {
  if (error === null || asProblem(error).status !== CHANGED_MEANWHILE) return null;
  return (
    <Stack gap="xs" align="flex-start">
      <Text>{says}</Text>
      <Button variant="default" onClick={onReload}>
        {reload}
      </Button>
    </Stack>
  );
}
