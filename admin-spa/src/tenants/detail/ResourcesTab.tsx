import { Button, Stack, Text } from "@mantine/core";
import {
  IconCircleCheck,
  IconCircleDashed,
  IconEyeOff,
  IconLoader2,
  IconTool,
  IconTransform,
} from "@tabler/icons-react";
import { useState } from "react";
import type { Tenant } from "../../api/types";
import type { Drift } from "../../drift/api";
import { useRepairDrift } from "../../jobs/api";
import { JobPanel } from "../../jobs/JobPanel";
import { AskDialog } from "../../parts/AskDialog";
import { Badge, type Look } from "../../parts/Badge";
import { SameWith } from "../../parts/CommandLine";
import { type Column, DataTable } from "../../parts/DataTable";
import { Facts } from "../../parts/Facts";
import { Loaded } from "../../parts/Loaded";
import { Panel } from "../../parts/Panel";
import { TimeAgo } from "../../parts/TimeAgo";
import { useMay } from "../../session/useMay";
import { text } from "../../text";
import { addressOf } from "../address";
import { type Resource, resourcesOf, type Sight } from "./resources";
import { detailText } from "./text";
import { useDialog } from "./useDialog";
import { useTenant } from "./useTenant";
import { useTenantDrift } from "./useTenantDrift";

const words = detailText.resources;

const looks: Record<Sight["is"], Look> = {
  wanted: { icon: IconCircleCheck, tone: "green", word: words.asWanted },
  settling: { icon: IconLoader2, tone: "blue", word: words.settling },
  unlooked: { icon: IconCircleDashed, tone: "grey", word: words.notSeen },
  unseen: { icon: IconEyeOff, tone: "orange", word: words.notSeen },
  drifted: { icon: IconTransform, tone: "red", word: words.differs },
};

const columns: readonly Column<Resource>[] = [
  { id: "what", header: words.columns.what, names: true, cell: ({ kind }) => words.names[kind] },
  {
    id: "wanted",
    header: words.columns.wanted,
    cell: ({ kind, wanted }) => (
      <span className="wrap-anywhere">
        {wanted ?? (kind === "network" || kind === "container" ? words.notWanted : words.notMade)}
      </span>
    ),
  },
  { id: "observed", header: words.columns.observed, cell: ({ sight }) => <Observed sight={sight} /> },
  {
    id: "since",
    header: words.columns.since,
    whole: true,
    cell: ({ sight }) =>
      sight.is === "drifted" && sight.drift[0] ? <TimeAgo at={sight.drift[0].first_seen_at} /> : text.none,
  },
  {
    id: "repair",
    header: words.columns.repair,
    cell: ({ sight }) =>
      sight.is === "drifted"
        ? [...new Set(sight.drift.map(({ repair }) => words.repairs[repair]))].join("; ")
        : text.none,
  },
];

function Observed({ sight }: { sight: Sight }) {
  return (
    <Stack gap={4} align="flex-start">
      <Badge look={looks[sight.is]} moving={sight.is === "settling"} />
      {sight.is === "unseen" && <Text size="sm">{words.unseen(sight.source)}</Text>}
      {sight.is === "drifted" &&
        sight.drift.map((one) => <Difference key={`${one.kind}${one.what}`} drift={one} />)}
    </Stack>
  );
}

function Difference({ drift }: { drift: Drift }) {
  const lines = [
    drift.what,
    drift.wanted !== null && words.wantedWas(drift.wanted),
    drift.observed !== null && words.observedWas(drift.observed),
  ];
  return lines.map(
    (line) =>
      line && (
        <Text key={line} size="sm" className="wrap-anywhere">
          {line}
        </Text>
      ),
  );
}

/** What a tenant's row wants beside what was found, and the button that makes it so. */
export function ResourcesTab() {
  const tenant = useTenant();
  const may = useMay();
  const drift = useTenantDrift(tenant ? addressOf(tenant) : "");
  const [job, setJob] = useState<string>();
  if (!tenant) return null;
  if (!may("fleet:read")) return <Text>{detailText.needs("fleet:read")}</Text>;
  return (
    <Stack>
      <Loaded query={drift} height={320}>
        {({ items, look }) => (
          <Panel
            title={words.title}
            hint={words.hint}
            actions={may("fleet:write") && <Repair tenant={tenant} onJob={setJob} />}
          >
            <Stack>
              {job && <JobPanel id={job} />}
              <DataTable
                caption={words.caption}
                columns={columns}
                rows={resourcesOf(tenant, items, look)}
                rowKey={({ kind }) => kind}
              />
              <Facts
                facts={[
                  {
                    name: words.looked,
                    value: look ? <TimeAgo at={look.looked_at} /> : words.lookedNever,
                  },
                  {
                    name: words.generation,
                    value: words.generationValue(tenant.generation, tenant.observed_generation),
                  },
                ]}
              />
              {look?.refused && (
                <Text c="var(--tone-orange)">
                  {words.refused}: {look.refused.message} <code>{look.refused.code}</code>
                </Text>
              )}
            </Stack>
          </Panel>
        )}
      </Loaded>
      <SameWith
        cli={words.cli(tenant.key)}
        call={{ method: "POST", path: "/api/gateway/drift/repair", body: { tenants: [tenant.key] } }}
      />
    </Stack>
  );
}

/** The button that asks for a look and a repair; `onJob` hears the id of the job that does it. */
function Repair({ tenant, onJob }: { tenant: Tenant; onJob: (id: string) => void }) {
  const { dialog, open, close } = useDialog();
  const repair = useRepairDrift();
  const submit = () =>
    repair.mutate([tenant.id], {
      onSuccess: ({ id }) => {
        onJob(id);
        close();
      },
    });
  return (
    <>
      <Button
        leftSection={<IconTool size={16} aria-hidden />}
        onClick={() => {
          repair.reset();
          open("repair");
        }}
      >
        {words.repair}
      </Button>
      <AskDialog
        opened={dialog === "repair"}
        onClose={close}
        words={words.repairDialog}
        name={tenant.key}
        sending={repair}
        onConfirm={submit}
      >
        <Text>{words.repairDialog.body}</Text>
      </AskDialog>
    </>
  );
}
