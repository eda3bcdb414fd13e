import { Code, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { count } from "../fleet/numbers";
import { TenantsHere } from "../fleet/TenantsHere";
import { Badge } from "../parts/Badge";
import { SameWith, shellWord } from "../parts/CommandLine";
import { Facts } from "../parts/Facts";
import { Loaded } from "../parts/Loaded";
import { Page } from "../parts/Page";
import { Panel } from "../parts/Panel";
import { AnchorLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import { useMay } from "../session/useMay";
import { type DatabaseServer, type ReadServer, serverQuery } from "./api";
import { serverLooks } from "./looks";
import { ServerActions } from "./ServerActions";
import { ServerBars } from "./ServerBars";
import { ServerProblem } from "./ServerProblem";
import { text } from "./text";

const route = getRouteApi("/signed-in/database-servers/$name");

/** One database server: what is used up of it, and who is on it. */
export function ServerPage() {
  const { name } = route.useParams();
  const { ask } = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay();
  const query = useQuery(serverQuery(name));
  const server = query.data?.server;
  return (
    <Page
      title={server?.name ?? name}
      beside={server && <Badge look={serverLooks[server.state]} />}
      actions={
        query.data &&
        may("fleet:write") && (
          <ServerActions
            read={query.data}
            ask={ask}
            onAsk={(next) => void navigate({ search: next ? { ask: next } : {} })}
          />
        )
      }
    >
      <Stack gap="lg">
        <AnchorLink to="/database-servers" size="sm">
          {text.one.all}
        </AnchorLink>
        <Loaded query={query}>{(found: ReadServer) => <ServerParts server={found.server} />}</Loaded>
      </Stack>
    </Page>
  );
}

function ServerParts({ server }: { server: DatabaseServer }) {
  const may = useMay();
  const { fields } = text.one;
  return (
    <Stack gap="lg">
      <Text>{text.stateMeaning[server.state]}</Text>
      {server.problem && <ServerProblem problem={server.problem} />}
      <Panel title={text.capacity.title} hint={text.capacity.hint}>
        <ServerBars server={server} />
      </Panel>
      <Panel title={text.one.facts}>
        <Facts
          facts={[
            {
              name: fields.address,
              value: (
                <>
                  <Code>{server.address}</Code> {text.one.addressHint}
                </>
              ),
              copy: server.address,
            },
            server.region !== "" && { name: fields.region, value: server.region },
            {
              name: fields.reached,
              value: server.reached_at ? <TimeAgo at={server.reached_at} /> : text.one.neverReached,
            },
            { name: fields.weight, value: count(server.weight) },
            {
              name: fields.overcommit,
              value:
                server.overcommit === null ? text.one.anyOvercommit : text.one.overcommit(server.overcommit),
            },
            server.from_settings && { name: fields.settings, value: text.one.fromSettings },
            { name: fields.created, value: <TimeAgo at={server.created_at} /> },
            { name: fields.id, value: <Code>{server.id}</Code>, copy: server.id },
          ]}
        />
      </Panel>
      {may("tenants:read") && <TenantsHere place={{ server: server.name }} empty={text.one.noTenants} />}
      <SameWith
        cli={`gatewayctl server show ${shellWord(server.name)}`}
        call={{ method: "GET", path: `/api/gateway/database-servers/${server.name}` }}
      />
    </Stack>
  );
}
