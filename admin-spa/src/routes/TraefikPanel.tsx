import { Alert, Stack, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Badge } from "../parts/Badge";
import { Facts } from "../parts/Facts";
import { Loaded } from "../parts/Loaded";
import { Panel } from "../parts/Panel";
import { TimeAgo } from "../parts/TimeAgo";
import { traefikQuery } from "./api";
import { healthLook } from "./looks";
import { text } from "./text";
import type { TraefikHealth, TraefikSight } from "./types";

const words = text.traefik;

/** Whether Traefik answers, and whether it holds what is always published. */
export function TraefikPanel() {
  const query = useQuery(traefikQuery);
  return (
    <Panel title={words.title} actions={query.data && <Badge look={healthLook(query.data.healthy)} />}>
      <Loaded query={query}>{(health) => <Health health={health} />}</Loaded>
    </Panel>
  );
}

/** Says that nothing is known of Traefik, and why; nothing at all where it answered. */
export function SightAlert({ sight }: { sight: TraefikSight }) {
  if (sight.known) return null;
  return (
    <Alert
      variant="outline"
      color="var(--tone-orange)"
      icon={<IconAlertTriangle aria-hidden />}
      title={words.unknown}
    >
      <Text size="sm">{words.unknownBody}</Text>
      <Text size="sm" className="wrap-anywhere">
        {sight.message} <code>{sight.code}</code>
      </Text>
    </Alert>
  );
}

const heldOrNot = (held: boolean | null | undefined, yes: string, no: string) =>
  typeof held === "boolean" ? (held ? yes : no) : words.notKnown;

function Changes({ changes }: { changes: TraefikHealth["changes"] }) {
  const { written, loaded, waiting_since } = changes ?? {};
  if (typeof written !== "number" || typeof loaded !== "number") return words.notKnown;
  return waiting_since ? (
    <>
      {words.changesWait} <TimeAgo at={waiting_since} />
    </>
  ) : (
    words.changesLoaded
  );
}

function Health({ health }: { health: TraefikHealth }) {
  const { sight, troubles } = health;
  const counts = (["routers", "services", "middlewares"] as const).map((what) => {
    const found = health[what];
    return (
      found && { name: words.counts[what], value: words.count(found.total, found.warnings, found.errors) }
    );
  });
  return (
    <Stack gap="md">
      <SightAlert sight={sight} />
      {troubles.length > 0 && (
        <Alert
          variant="outline"
          color="var(--tone-red)"
          icon={<IconAlertTriangle aria-hidden />}
          title={words.troubles}
        >
          {troubles.map((trouble) => (
            <Text size="sm" key={`${trouble.code} ${trouble.message}`} className="wrap-anywhere">
              {trouble.message} <code>{trouble.code}</code>
            </Text>
          ))}
        </Alert>
      )}
      <Facts
        facts={[
          {
            name: words.sentinel,
            value: heldOrNot(health.sentinel_held, words.sentinelHeld, words.sentinelLost),
          },
          {
            name: words.sentinelSince,
            value: health.sentinel_since && <TimeAgo at={health.sentinel_since} />,
          },
          { name: words.changes, value: <Changes changes={health.changes} /> },
          {
            name: words.fallback,
            value: heldOrNot(health.fallback_served, words.fallbackServed, words.fallbackLost),
          },
          { name: words.seen, value: <TimeAgo at={sight.seen_at} /> },
          { name: words.since, value: <TimeAgo at={sight.since} /> },
          { name: words.version, value: health.version },
          { name: words.started, value: health.started_at && <TimeAgo at={health.started_at} /> },
          ...counts,
          health.providers.length > 0 && { name: words.providers, value: health.providers.join(", ") },
          health.entry_points.length > 0 && {
            name: words.entryPoints,
            value: health.entry_points
              .map(
                ({ name, address, of_tenants }) =>
                  `${words.entryPoint(name, address)}${of_tenants ? ` (${words.ofTenants})` : ""}`,
              )
              .join(", "),
          },
        ]}
      />
    </Stack>
  );
}
