import { Alert, Stack, Text } from "@mantine/core";
import { IconHandStop } from "@tabler/icons-react";
import { count } from "../fleet/numbers";
import { Troubles } from "../jobs/Troubles";
import { Facts } from "../parts/Facts";
import { Panel } from "../parts/Panel";
import { AnchorLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import type { DriftLook } from "./api";
import { text } from "./text";

const words = text.lastLook;

/** How the last look at the whole fleet ended. */
export function LastLook({ look }: { look: DriftLook | null }) {
  return (
    <Panel title={words.title}>
      {look === null ? (
        <Text c="dimmed">{words.none}</Text>
      ) : (
        <Stack>
          {look.refused && (
            <Alert
              variant="outline"
              color="var(--tone-red)"
              icon={<IconHandStop aria-hidden />}
              title={words.refused}
            >
              <Text size="sm" className="wrap-anywhere">
                {look.refused.message} <code>{look.refused.code}</code>
              </Text>
            </Alert>
          )}
          <Troubles troubles={look.unknown} />
          <Facts
            facts={[
              { name: words.at, value: <TimeAgo at={look.looked_at} /> },
              { name: words.since, value: <TimeAgo at={look.since} /> },
              { name: words.tenants, value: count(look.tenants) },
              {
                name: words.orphans,
                value:
                  look.orphans > 0 ? <AnchorLink to="/orphans">{count(look.orphans)}</AnchorLink> : count(0),
              },
            ]}
          />
        </Stack>
      )}
    </Panel>
  );
}
