import { Group, Paper, Stack, Text, Title } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import cards from "../fleet/Cards.module.css";
import { Badge } from "../parts/Badge";
import { EmptyState } from "../parts/EmptyState";
import { Loaded } from "../parts/Loaded";
import { Page } from "../parts/Page";
import { AnchorLink, ButtonLink } from "../parts/RouterLink";
import { useMay } from "../session/useMay";
import { type DatabaseServer, serverListQuery } from "./api";
import { serverLooks } from "./looks";
import { ServerBars } from "./ServerBars";
import { text } from "./text";

/** The database servers, and what is used up of each. */
export function ServerListPage() {
  const query = useQuery(serverListQuery);
  const may = useMay();
  const create = may("fleet:write") && (
    <ButtonLink to="/new/database-server" leftSection={<IconPlus size={16} aria-hidden />}>
      {text.list.create}
    </ButtonLink>
  );
  return (
    <Page title={text.list.title} actions={create}>
      <Stack>
        <Text c="dimmed">{text.list.intro}</Text>
        <Loaded query={query}>
          {(servers) =>
            servers.length === 0 ? (
              <EmptyState title={text.list.emptyTitle} action={create} cli={text.list.cli}>
                {text.list.emptyBody}
              </EmptyState>
            ) : (
              <ul className={cards.cards}>
                {servers.map((server) => (
                  <li key={server.id}>
                    <ServerCard server={server} />
                  </li>
                ))}
              </ul>
            )
          }
        </Loaded>
      </Stack>
    </Page>
  );
}

function ServerCard({ server }: { server: DatabaseServer }) {
  return (
    <Paper component="article" withBorder p="md" bg="var(--surface)" aria-label={server.name}>
      <Stack gap="sm">
        <Group justify="space-between" gap="xs">
          <Title order={2} size="h5">
            <AnchorLink to="/database-servers/$name" params={{ name: server.name }} inherit>
              {server.name}
            </AnchorLink>
          </Title>
          <Badge look={serverLooks[server.state]} />
        </Group>
        <Text size="sm" c="dimmed" className="wrap-anywhere">
          <code>{server.address}</code>
          {server.region && ` ${text.region(server.region)}`}
        </Text>
        {server.problem && (
          <Text size="sm" c="var(--tone-red)">
            {server.problem === "no_credential" ? text.problem.unheld : text.problem.unreached}
          </Text>
        )}
        <ServerBars server={server} />
      </Stack>
    </Paper>
  );
}
