import { Group, Stack, Text } from "@mantine/core";
import type { Batch, BatchTenantState } from "../api/batches";
import { Badge } from "../parts/Badge";
import { batchTenantLooks } from "./looks";
import { ProgressBar } from "./ProgressBar";
import { operationsText } from "./text";

type Counts = Batch["counts"];
const words = operationsText.batch;

/** Every state of a tenant in a batch, those that have ended first. */
export const tenantStates = Object.keys(batchTenantLooks) as BatchTenantState[];

/** How many tenants a batch is about. */
export const tenantCount = (counts: Counts): number =>
  tenantStates.reduce((sum, state) => sum + counts[state], 0);

const endedCount = (counts: Counts): number => tenantCount(counts) - counts.waiting - counts.running;

/** How far a batch is, as a bar and in numbers; `brief` leaves out the numbers of each state. */
export function BatchProgress({ counts, brief = false }: { counts: Counts; brief?: boolean }) {
  const all = tenantCount(counts);
  const told = words.told(endedCount(counts), all);
  const parts = tenantStates.filter((state) => counts[state] > 0);
  const sentence = [told, ...parts.map((state) => words.part(state, counts[state]))].join(", ");
  return (
    <Stack gap={6} miw="9rem">
      <ProgressBar
        segments={parts
          .filter((state) => state !== "waiting")
          .map((state) => ({ key: state, tone: batchTenantLooks[state].tone, value: counts[state] }))}
        of={all}
        label={sentence}
      />
      <Text size="sm">{told}</Text>
      {!brief && (
        <Group gap="md" component="ul" m={0} p={0} style={{ listStyle: "none" }}>
          {parts.map((state) => (
            <Group key={state} gap={6} component="li">
              <Badge look={batchTenantLooks[state]} />
              <Text size="sm" className="numeric">
                {counts[state]}
              </Text>
              <Text size="sm" c="dimmed">
                {words.meaning[state]}
              </Text>
            </Group>
          ))}
        </Group>
      )}
    </Stack>
  );
}
