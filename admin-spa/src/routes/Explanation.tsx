import { Code, Group, Stack } from "@mantine/core";
import { Verdict } from "../fleet/Verdict";
import { Badge } from "../parts/Badge";
import { Facts } from "../parts/Facts";
import { Panel } from "../parts/Panel";
import { AnchorLink } from "../parts/RouterLink";
import { StatusBadge } from "../tenants/StatusBadge";
import { FlowPicture } from "./FlowPicture";
import { routeLooks } from "./looks";
import { Reasons } from "./Reasons";
import { SightAlert } from "./TraefikPanel";
import { text } from "./text";
import type { RouteExplanation } from "./types";

const words = text.explain;

/** Who answers a request and why, in one sentence, in reasons and as a picture. */
export function Explanation({ explanation }: { explanation: RouteExplanation }) {
  const { answer, tenant_route: route, reasons, takers } = explanation;
  // What differs is told about the tenant's own router; another router has nothing to differ from.
  const isOwn = route?.held !== null && route?.held !== undefined && route.held.router === answer?.router;
  return (
    <Stack gap="lg">
      <SightAlert sight={explanation.traefik} />
      <VerdictOf explanation={explanation} />
      {reasons.length > 0 && (
        <Panel title={words.reasons}>
          <Reasons reasons={reasons} />
        </Panel>
      )}
      {answer && (
        <Panel title={words.picture}>
          <FlowPicture
            label={words.picture}
            route={{
              wanted: null,
              held: answer,
              differences: isOwn ? route.differences : [],
            }}
          />
        </Panel>
      )}
      <Panel title={words.request}>
        <Facts
          facts={[
            { name: words.method, value: explanation.method },
            { name: words.url, value: <Code>{explanation.url}</Code> },
            { name: words.entryPoint, value: explanation.entry_point },
            takers.length > 0 && { name: words.takers, value: takers.join(", ") },
            route && {
              name: words.tenant,
              value: (
                <Group gap="xs">
                  <AnchorLink to="/tenants/$key" params={{ key: route.tenant_key }}>
                    {route.tenant_key}
                  </AnchorLink>
                  <StatusBadge status={route.tenant_status} />
                  <Badge look={routeLooks[route.state]} />
                </Group>
              ),
            },
          ]}
        />
      </Panel>
    </Stack>
  );
}

function VerdictOf({ explanation }: { explanation: RouteExplanation }) {
  const { answer, as_wanted } = explanation;
  const who = answer ? words.answeredBy(answer.router) : words.answeredByNone;
  if (!explanation.traefik.known) return null;
  if (as_wanted === true) return <Verdict tone="green">{`${words.asWanted} ${who}`}</Verdict>;
  if (as_wanted === false) return <Verdict tone="red">{`${words.notAsWanted} ${who}`}</Verdict>;
  return <Verdict tone="blue">{`${words.noTenant} ${who}`}</Verdict>;
}
