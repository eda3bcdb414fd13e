import { Button, Checkbox, Group, Stack, Text } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import type { Tenant } from "../../api/types";
import { Loaded } from "../../parts/Loaded";
import { Panel } from "../../parts/Panel";
import { ProblemAlert } from "../../parts/ProblemAlert";
import { useMay } from "../../session/useMay";
import { ActivityTable } from "./ActivityTable";
import { detailText } from "./text";
import { type Entry, useActivity } from "./useActivity";
import { useTenant } from "./useTenant";

const route = getRouteApi("/signed-in/tenants/$key/activity");
const words = detailText.activity;
const SHOWN = 50;

const KINDS = [
  { name: "events", is: "event" },
  { name: "calls", is: "call" },
] as const satisfies readonly { name: string; is: Entry["is"] }[];

/** Everything that happened to a tenant. */
export function ActivityTab() {
  const tenant = useTenant();
  return tenant ? <Activity key={tenant.id} tenant={tenant} /> : null;
}

function Activity({ tenant }: { tenant: Tenant }) {
  const { hide = [] } = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay();
  const [shown, setShown] = useState(SHOWN);
  const { events, calls, entries } = useActivity(tenant);
  const chosen = entries.filter(
    ({ is }) => !KINDS.some((kind) => kind.is === is && hide.includes(kind.name)),
  );
  const toggle = (name: string) => {
    const next = hide.includes(name) ? hide.filter((one) => one !== name) : [...hide, name];
    void navigate({ search: next.length > 0 ? { hide: next } : {}, replace: true, resetScroll: false });
  };
  return (
    <Panel
      title={words.title}
      hint={words.hint}
      actions={
        <Group gap="md" role="group" aria-label={words.show}>
          {KINDS.map(({ name }) => (
            <Checkbox
              key={name}
              label={words.kinds[name]}
              checked={!hide.includes(name)}
              onChange={() => toggle(name)}
              disabled={name === "calls" && !may("audit:read")}
            />
          ))}
        </Group>
      }
    >
      <Loaded query={events} height={320}>
        {({ cut }) => (
          <Stack gap="sm">
            {calls.isError && <ProblemAlert error={calls.error} onRetry={() => void calls.refetch()} />}
            {!may("audit:read") && (
              <Text size="sm" c="dimmed">
                {words.noCalls}
              </Text>
            )}
            {chosen.length === 0 ? (
              <Text c="dimmed">{words.empty}</Text>
            ) : (
              <ActivityTable entries={chosen.slice(0, shown)} />
            )}
            {chosen.length > shown && (
              <Group>
                <Button variant="default" onClick={() => setShown((before) => before + SHOWN)}>
                  {words.more}
                </Button>
              </Group>
            )}
            {cut && (
              <Text size="sm" c="dimmed">
                {words.cut}
              </Text>
            )}
          </Stack>
        )}
      </Loaded>
    </Panel>
  );
}
