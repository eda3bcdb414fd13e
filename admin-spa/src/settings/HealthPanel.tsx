import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useRef } from "react";
import { type HealthPart, readyQuery } from "../api/health";
import { usePoll } from "../live/LiveProvider";
import { overviewText } from "../overview/text";
import { Badge } from "../parts/Badge";
import { type Column, DataTable } from "../parts/DataTable";
import { Loaded } from "../parts/Loaded";
import { Panel } from "../parts/Panel";
import { TimeAgo } from "../parts/TimeAgo";
import { settingsText } from "./text";

const words = settingsText.health;
const POLL_MS = 5_000;

/** What the process that serves this page needs, and since when it is so. */
export function HealthPanel() {
  const refetchInterval = usePoll(POLL_MS, POLL_MS);
  const ready = useQuery({ ...readyQuery, refetchInterval });
  const since = useSince(ready.data);
  const columns: readonly Column<HealthPart>[] = [
    {
      id: "part",
      header: words.columns.part,
      names: true,
      cell: ({ name }) => overviewText.health.parts[name] ?? name,
    },
    {
      id: "state",
      header: words.columns.state,
      cell: ({ ok }) => (
        <Badge
          look={
            ok
              ? { icon: IconCircleCheck, tone: "green", word: words.ok }
              : { icon: IconCircleX, tone: "red", word: words.missing }
          }
        />
      ),
    },
    {
      id: "since",
      header: words.columns.since,
      whole: true,
      cell: ({ name }) => {
        const at = since.get(name)?.at;
        return at && <TimeAgo at={at} />;
      },
    },
    { id: "message", header: words.columns.message, cell: ({ message }) => message },
  ];
  return (
    <Panel title={words.title} hint={`${words.hint} ${words.sinceHint}`}>
      <Loaded query={ready}>
        {(parts) => (
          <DataTable
            caption={words.caption}
            columns={columns}
            rows={parts}
            rowKey={({ name }) => name}
            dense
          />
        )}
      </Loaded>
    </Panel>
  );
}

/** Since when each part is as it is, as far as this page has seen it. */
function useSince(
  parts: readonly HealthPart[] | undefined,
): ReadonlyMap<string, { ok: boolean; at: string }> {
  const seen = useRef(new Map<string, { ok: boolean; at: string }>());
  for (const { name, ok } of parts ?? []) {
    if (seen.current.get(name)?.ok !== ok) seen.current.set(name, { ok, at: new Date().toISOString() });
  }
  return seen.current;
}
