import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { capacityQuery } from "../api/health";
import { versionQuery } from "../api/session";
import { Facts } from "../parts/Facts";
import { Loaded } from "../parts/Loaded";
import { linkTo } from "../parts/linkTo";
import { Page } from "../parts/Page";
import { Panel } from "../parts/Panel";
import { ButtonLink } from "../parts/RouterLink";
import { useMay } from "../session/useMay";
import { absoluteTime } from "../time";
import { HealthPanel } from "./HealthPanel";
import { MailPanel } from "./MailPanel";
import { ResealPanel } from "./ResealPanel";
import { settingsText } from "./text";

/** What runs, whether it is well, and what can be tried. */
export function SettingsPage() {
  const may = useMay();
  return (
    <Page title={settingsText.title}>
      <Stack>
        <Text c="dimmed" maw="44rem">
          {settingsText.intro}
        </Text>
        <BuildPanel />
        <HealthPanel />
        {may("fleet:read") && <SubnetPanel />}
        {may("users:write") && <MailPanel />}
        {may("fleet:read") && <ResealPanel mayAsk={may("fleet:write")} />}
      </Stack>
    </Page>
  );
}

function BuildPanel() {
  const version = useQuery(versionQuery);
  const words = settingsText.build;
  return (
    <Panel title={words.title}>
      <Loaded query={version}>
        {(build) => (
          <Facts
            facts={[
              { name: words.version, value: `${build.name} ${build.version}`, copy: build.version },
              { name: words.commit, value: build.commit ?? words.unknown, copy: build.commit ?? undefined },
              { name: words.built, value: build.built_at ? absoluteTime(build.built_at) : words.unknown },
              { name: words.origin, value: window.location.origin, copy: window.location.origin },
              {
                name: words.apiDocs,
                value: (
                  <a href="/docs" title={words.apiDocsHint}>
                    /docs
                  </a>
                ),
              },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}

function SubnetPanel() {
  const capacity = useQuery(capacityQuery);
  const words = settingsText.capacity;
  const shown = (amount: number | null) => amount?.toLocaleString("en") ?? words.noLimit;
  return (
    <Panel
      title={words.title}
      actions={
        <ButtonLink {...linkTo("/capacity")} variant="default" size="xs">
          {words.more}
        </ButtonLink>
      }
    >
      <Loaded query={capacity}>
        {({ subnets }) => (
          <Facts
            facts={[
              { name: words.block, value: subnets.block, copy: subnets.block },
              { name: words.used, value: shown(subnets.amount.used) },
              { name: words.free, value: shown(subnets.amount.free) },
              { name: words.quarantined, value: subnets.quarantined.toLocaleString("en") },
            ]}
          />
        )}
      </Loaded>
    </Panel>
  );
}
