import { Group, Stack, Text } from "@mantine/core";
import { AnchorLink } from "../parts/RouterLink";
import { FlowPicture } from "./FlowPicture";
import { text } from "./text";
import type { Route } from "./types";

/** The first host of a rule such as Host(`acme.example.com`). */
const hostOf = (rule: string): string | undefined => /Host\(`([^`]+)`\)/.exec(rule)?.[1];

/** The picture of one route, what its state means, and where to go from here. */
export function RouteBelow({ route }: { route: Route }) {
  const host = hostOf((route.wanted ?? route.held)?.rule ?? "");
  return (
    <Stack gap="sm" pb="sm">
      <Text size="sm">{text.stateMeaning[route.state]}</Text>
      <FlowPicture route={route} label={text.list.pictureOf(route.tenant_key)} />
      <Group gap="md">
        {host && (
          <AnchorLink to="/routes/explain" search={{ url: `http://${host}/` }} size="sm">
            {text.list.explainThis}
          </AnchorLink>
        )}
        <AnchorLink to="/tenants/$key" params={{ key: route.tenant_key }} size="sm">
          {text.list.toTenant}
        </AnchorLink>
      </Group>
    </Stack>
  );
}
