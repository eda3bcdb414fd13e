import { IconArrowBarDown, IconCircleCheck, IconCircleX, IconHelpCircle } from "@tabler/icons-react";
import { Badge, type Look } from "../parts/Badge";
import { type Column, DataTable } from "../parts/DataTable";
import { Panel } from "../parts/Panel";
import { TimeAgo } from "../parts/TimeAgo";
import type { Known } from "./findings";
import { overviewText } from "./text";

const words = overviewText.health;

const looks = {
  fine: { icon: IconCircleCheck, tone: "green", word: words.fine },
  trouble: { icon: IconCircleX, tone: "red", word: words.trouble },
  unknown: { icon: IconHelpCircle, tone: "grey", word: words.unknown },
} as const satisfies Record<string, Look>;

/** One thing the gateway is made of. */
interface Component {
  name: string;
  look: Look;
  /** Since when it is so, where that is known. */
  since: string | null;
  more: string | null;
}

const columns: readonly Column<Component>[] = [
  { id: "name", header: words.columns.name, names: true, cell: (component) => component.name },
  { id: "state", header: words.columns.state, cell: (component) => <Badge look={component.look} /> },
  {
    id: "since",
    header: words.columns.since,
    whole: true,
    cell: (component) => component.since && <TimeAgo at={component.since} />,
  },
  { id: "more", header: words.columns.more, cell: (component) => component.more },
];

/** Whether each part answers, and since when. */
export function Components({ known }: { known: Known }) {
  return (
    <Panel title={words.title}>
      <DataTable
        caption={words.caption}
        columns={columns}
        rows={listComponents(known)}
        rowKey={(component) => component.name}
        dense
      />
    </Panel>
  );
}

function serverLook(state: "active" | "draining" | "offline"): Look {
  switch (state) {
    case "active":
      return looks.fine;
    case "draining":
      return { icon: IconArrowBarDown, tone: "orange", word: words.draining };
    case "offline":
      return { ...looks.trouble, word: words.offline };
  }
}

function listComponents({ ready, traefik, servers, capacity, drift }: Known): Component[] {
  const parts = (ready ?? []).map(({ name, ok, message }) => ({
    name: words.parts[name] ?? name,
    look: ok ? looks.fine : looks.trouble,
    since: null,
    more: message,
  }));
  const edge: Component[] = traefik
    ? [
        {
          name: words.traefik,
          look: traefik.healthy === null ? looks.unknown : traefik.healthy ? looks.fine : looks.trouble,
          since: traefik.sight.since,
          more: traefik.sight.message ?? (traefik.version && words.traefikVersion(traefik.version)),
        },
      ]
    : [];
  const databases = (servers?.items ?? []).map(({ name, state, tenants }) => ({
    name: words.server(name),
    look: serverLook(state),
    since: null,
    more: words.serverTenants(tenants),
  }));
  const workers = (capacity?.workers ?? []).map(({ name, tenants, jobs }) => ({
    name: words.worker(name),
    look: looks.fine,
    since: null,
    more: words.workerBusy(tenants, jobs),
  }));
  const look: Component[] = drift?.look
    ? [
        {
          name: words.look,
          look: drift.look.unknown.length > 0 ? looks.trouble : looks.fine,
          since: drift.look.looked_at,
          more: drift.look.unknown.map(({ message }) => message).join(" ") || null,
        },
      ]
    : [];
  return [...parts, ...edge, ...databases, ...workers, ...look];
}
