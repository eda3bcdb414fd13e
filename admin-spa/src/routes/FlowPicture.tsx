import { Text } from "@mantine/core";
import {
  IconArrowsSplit2,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconFilter,
  IconLogin2,
  IconServer,
  IconStack2,
  IconTransform,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Badge, type Look } from "../parts/Badge";
import classes from "./FlowPicture.module.css";
import type { Hop, HopKind, HopState } from "./hops";
import { hopsOf } from "./hops";
import { text } from "./text";
import type { Route, RouteServer } from "./types";

const icons = {
  entry: IconLogin2,
  router: IconArrowsSplit2,
  middlewares: IconFilter,
  service: IconStack2,
  servers: IconServer,
} satisfies Record<HopKind, unknown>;

const looks: Record<HopState, Look> = {
  fine: { icon: IconCircleCheck, tone: "green", word: text.hopState.fine },
  differs: { icon: IconTransform, tone: "orange", word: text.hopState.differs },
  failing: { icon: IconCircleX, tone: "red", word: text.hopState.failing },
  absent: { icon: IconCircleDashed, tone: "red", word: text.hopState.absent },
};

interface FlowPictureProps {
  /** What Traefik holds, what the tenant's row wants, and where the two differ. */
  route: Pick<Route, "wanted" | "held" | "differences">;
  /** Names the picture, such as "The route of acme". */
  label: string;
  /** What the page knows of a hop beyond that, shown at its end. */
  notes?: Partial<Record<HopKind, ReactNode>>;
}

/**
 * The way of a request through Traefik as Traefik's own API tells it: entry point, router, middlewares, service, servers,
 * with what is not as wanted beside each. A list to screen readers; it stands upright where there is no room.
 */
export function FlowPicture({ route, label, notes = {} }: FlowPictureProps) {
  const hops = hopsOf(route);
  if (!hops) return <Text c="dimmed">{text.noRoute}</Text>;
  return (
    <div className={classes.frame}>
      <ol className={classes.flow} aria-label={label}>
        {hops.map((hop) => (
          <li key={hop.kind} className={classes.hop} data-state={hop.state}>
            <HopBox hop={hop} note={notes[hop.kind]} />
          </li>
        ))}
      </ol>
    </div>
  );
}

function HopBox({ hop, note }: { hop: Hop; note: ReactNode }) {
  const Icon = icons[hop.kind];
  return (
    <>
      <div className={classes.title}>
        <Icon size={16} aria-hidden />
        <Text component="span" size="sm" fw={600}>
          {text.hop[hop.kind]}
        </Text>
        {hop.state !== "fine" && <Badge look={looks[hop.state]} />}
      </div>
      {hop.kind === "servers" ? <Servers servers={hop.servers} /> : <Lines hop={hop} />}
      {hop.errors.map((error) => (
        <p key={error} className={classes.fault}>
          {error}
        </p>
      ))}
      {hop.differences.map((difference) => (
        <dl key={difference.part} className={classes.difference}>
          <dt>{text.wantedPart(difference.part)}</dt>
          <dd>{difference.wanted || text.nothing}</dd>
          <dt>{text.heldPart}</dt>
          <dd>{difference.held || text.nothing}</dd>
        </dl>
      ))}
      {note}
    </>
  );
}

function Lines({ hop }: { hop: Hop }) {
  if (hop.lines.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {text.nothing}
      </Text>
    );
  }
  return hop.lines.map((line) => (
    <div key={line} className={classes.line}>
      {line}
    </div>
  ));
}

function Servers({ servers }: { servers: readonly RouteServer[] }) {
  if (servers.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {text.noServers}
      </Text>
    );
  }
  return (
    <ul className={classes.servers}>
      {servers.map((server) => (
        <li key={server.url}>
          <div className={classes.line}>{server.url}</div>
          <ServerHealth up={server.up ?? null} />
        </li>
      ))}
    </ul>
  );
}

/** Whether a server answers, as Traefik's health check found. */
function ServerHealth({ up }: { up: boolean | null }) {
  if (up === null) {
    return (
      <Text component="span" size="xs" c="dimmed">
        {text.serverUnchecked}
      </Text>
    );
  }
  const Icon = up ? IconCircleCheck : IconCircleX;
  return (
    <span className={classes.health} data-up={up}>
      <Icon size={14} aria-hidden />
      {up ? text.serverUp : text.serverDown}
    </span>
  );
}
