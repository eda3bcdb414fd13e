import { Button, Group, Stack, Text } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { type Batch, batchQuery, useCancelBatch, useCreateBatch } from "../api/batches";
import { useIdempotencyKey } from "../api/idempotency";
import { Badge } from "../parts/Badge";
import { SameWith } from "../parts/CommandLine";
import { Facts } from "../parts/Facts";
import { Loaded } from "../parts/Loaded";
import { Page } from "../parts/Page";
import { Panel } from "../parts/Panel";
import { ProblemAlert } from "../parts/ProblemAlert";
import { TimeAgo } from "../parts/TimeAgo";
import { useMay } from "../session/useMay";
import { text } from "../text";
import { BatchProgress, tenantCount } from "./BatchProgress";
import { BatchTenants } from "./BatchTenants";
import { CancelButton } from "./CancelButton";
import { batchLooks } from "./looks";
import { operationsText } from "./text";

const route = getRouteApi("/signed-in/batches/$id");
const words = operationsText.batch;

/** One batch: how far it is, and how far with each of its tenants. */
export function BatchPage() {
  const { id } = route.useParams();
  const { state } = route.useSearch();
  const move = route.useNavigate();
  const query = useQuery(batchQuery(id));
  const batch = query.data;
  return (
    <Page
      title={batch ? words.title(batch.verb, tenantCount(batch.counts)) : words.loading}
      beside={batch && <Badge look={batchLooks[batch.state]} moving={batch.state === "running"} />}
      actions={batch && <BatchActions batch={batch} />}
    >
      <Loaded query={query} height={320}>
        {(loaded) => (
          <Stack>
            <Panel title={words.progress}>
              <BatchProgress counts={loaded.counts} />
            </Panel>
            <BatchTenants
              batch={loaded}
              only={state}
              onOnly={(only) => void move({ search: only ? { state: only } : {}, replace: true })}
            />
            <BatchFacts batch={loaded} />
            <SameWith
              cli={`gatewayctl batch watch ${id}`}
              call={{ method: "GET", path: `/api/gateway/batches/${id}` }}
            />
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

function BatchFacts({ batch }: { batch: Batch }) {
  const { facts } = words;
  return (
    <Panel title={facts.title}>
      <Facts
        facts={[
          { name: facts.parallelism, value: facts.parallelismValue(batch.parallelism) },
          { name: facts.maxFailures, value: facts.maxFailuresValue(batch.max_failures) },
          batch.verb === "delete" && { name: facts.force, value: batch.force ? facts.yes : facts.no },
          { name: facts.pool, value: batch.pool_id, copy: batch.pool_id ?? undefined },
          { name: facts.by, value: batch.requested_by },
          { name: facts.created, value: <TimeAgo at={batch.created_at} /> },
          { name: facts.ended, value: batch.ended_at && <TimeAgo at={batch.ended_at} /> },
        ]}
      />
    </Panel>
  );
}

function BatchActions({ batch }: { batch: Batch }) {
  const may = useMay();
  const navigate = useNavigate();
  const cancel = useCancelBatch(batch.id);
  const create = useCreateBatch();
  const { keyFor, forget } = useIdempotencyKey();
  if (!may("tenants:write")) return null;
  const failed = (batch.tenants ?? [])
    .filter(({ state }) => state === "failed")
    .map(({ tenant_id }) => tenant_id);
  const retry = () => {
    const body = { verb: "retry" as const, tenants: failed };
    create.mutate(
      { body, key: keyFor(body) },
      {
        onSuccess: ({ id }) => {
          forget();
          void navigate({ to: "/batches/$id", params: { id } });
        },
      },
    );
  };
  return (
    <Group gap="xs">
      {batch.state !== "running" && failed.length > 0 && (
        <Button
          leftSection={<IconRefresh size={16} aria-hidden />}
          onClick={retry}
          loading={create.isPending}
        >
          {words.retryFailed(failed.length)}
        </Button>
      )}
      <CancelButton offered={batch.state === "running"} words={words.cancel} sending={cancel}>
        <Text>{words.cancel.body(batch.counts.waiting, batch.counts.running)}</Text>
      </CancelButton>
      {create.isError && <ProblemAlert title={text.tenant.actionFailed} error={create.error} />}
    </Group>
  );
}
