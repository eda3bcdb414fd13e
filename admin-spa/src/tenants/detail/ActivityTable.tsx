import { Text } from "@mantine/core";
import { type Column, DataTable } from "../../parts/DataTable";
import { AnchorLink } from "../../parts/RouterLink";
import { TimeAgo } from "../../parts/TimeAgo";
import { text } from "../../text";
import { detailText } from "./text";
import type { AuditEntry, Entry } from "./useActivity";

const words = detailText.activity;

/** `suspend_tenant` as people say it. */
const readable = (call: string): string => {
  const plain = call.replaceAll("_", " ");
  return plain.charAt(0).toUpperCase() + plain.slice(1);
};

/** Names of the fields whose values a call changed. */
function changedFields({ before, after }: AuditEntry): string[] {
  if (!before || !after) return [];
  const [then, now] = [before as Record<string, unknown>, after as Record<string, unknown>];
  return Object.keys(now).filter((name) => JSON.stringify(then[name]) !== JSON.stringify(now[name]));
}

/** A value of an event as people read it: lists of words with commas between, anything else as it is written. */
function plain(value: unknown): string {
  if (typeof value === "string") return value;
  const isWords = Array.isArray(value) && value.every((one) => typeof one === "string");
  return isWords ? value.join(", ") : JSON.stringify(value);
}

function More({ entry }: { entry: Entry }) {
  if (entry.is === "call") {
    const { status, code, via, address } = entry.call;
    const changed = changedFields(entry.call);
    return (
      <Text size="sm" component="span" className="wrap-anywhere">
        {[words.status(status, code), changed.length > 0 && words.changed(changed), words.via(via, address)]
          .filter(Boolean)
          .join("; ")}
      </Text>
    );
  }
  const { data, operation_id } = entry.event;
  const said = Object.entries(data).map(([name, value]) => `${name}: ${plain(value)}`);
  return (
    <Text size="sm" component="span" className="wrap-anywhere">
      {said.join(", ")}{" "}
      {operation_id && (
        <AnchorLink to="/operations/$id" params={{ id: operation_id }} inherit>
          {words.operation}
        </AnchorLink>
      )}
      {said.length === 0 && !operation_id && text.none}
    </Text>
  );
}

const columns: readonly Column<Entry>[] = [
  { id: "at", header: words.columns.at, whole: true, cell: ({ at }) => <TimeAgo at={at} /> },
  {
    id: "what",
    header: words.columns.what,
    names: true,
    cell: (entry) =>
      entry.is === "event"
        ? (words.event[entry.event.kind] ?? entry.event.kind)
        : words.call(readable(entry.call.call)),
  },
  {
    id: "by",
    header: words.columns.by,
    cell: (entry) => (
      <span className="wrap-anywhere">{entry.is === "event" ? entry.event.actor : entry.call.actor}</span>
    ),
  },
  { id: "more", header: words.columns.more, cell: (entry) => <More entry={entry} /> },
];

/** Events and calls in one list. */
export function ActivityTable({ entries }: { entries: readonly Entry[] }) {
  return <DataTable caption={words.caption} columns={columns} rows={entries} rowKey={({ id }) => id} dense />;
}
