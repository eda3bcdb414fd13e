import { Checkbox, Group, NativeSelect, Skeleton, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { type Batch, type CreateBatch, plannedBatchQuery, useCreateBatch } from "../../api/batches";
import { useIdempotencyKey } from "../../api/idempotency";
import { ratePlaces } from "../../fleet/placement";
import { SameWith } from "../../parts/CommandLine";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { ProblemAlert } from "../../parts/ProblemAlert";
import { poolListQuery } from "../../pools/api";
import { useMay } from "../../session/useMay";
import { tenantsText } from "../text";
import { type BulkVerb, destructive } from "./bulkVerbs";
import { Planned } from "./Planned";

const words = tenantsText.bulk;
const DEFAULT_PARALLELISM = 5;

/** Of whom something is asked: of tenants by id, or of all that a filter matches. */
export type Target = { tenants: string[] } | { filter: NonNullable<CreateBatch["filter"]> };

interface BulkDialogProps {
  /** What is asked; absent closes the dialog. */
  verb: BulkVerb | undefined;
  target: Target;
  onClose: () => void;
}

/** The dialog of the wish that the address names. It keeps its words while it closes. */
export function BulkDialog({ verb, target, onClose }: BulkDialogProps) {
  const [last, setLast] = useState(verb);
  if (verb !== undefined && verb !== last) setLast(verb);
  const shown = verb ?? last;
  if (shown === undefined) return null;
  return <BulkForm key={shown} verb={shown} opened={verb !== undefined} target={target} onClose={onClose} />;
}

interface BulkFormProps extends BulkDialogProps {
  verb: BulkVerb;
  opened: boolean;
}

/**
 * Asks the same of many tenants: looks first which would be touched and which not, and why, then asks for a batch and goes
 * to its page. Nothing happens before the button is pressed.
 */
function BulkForm({ verb, opened, target, onClose }: BulkFormProps) {
  const navigate = useNavigate();
  const create = useCreateBatch();
  const { keyFor, forget } = useIdempotencyKey();
  const [force, setForce] = useState(false);
  const [pool, setPool] = useState("");
  const [parallelism, setParallelism] = useState(String(DEFAULT_PARALLELISM));
  const [maxFailures, setMaxFailures] = useState("");

  const wish: CreateBatch = {
    verb,
    ...target,
    ...(verb === "delete" ? { force } : {}),
    ...(verb === "move" ? { pool_id: pool } : {}),
  };
  const plan = useQuery(plannedBatchQuery(!opened || (verb === "move" && !pool) ? null : wish));
  const planned = plan.data;
  const taken = planned?.counts.waiting ?? 0;
  const all = taken + (planned?.counts.refused ?? 0);

  const submit = () => {
    const body: CreateBatch = {
      ...wish,
      ...("filter" in target ? { expect_count: all } : {}),
      ...(parallelism ? { parallelism: Number(parallelism) } : {}),
      ...(maxFailures ? { max_failures: Number(maxFailures) } : {}),
    };
    create.mutate(
      { body, key: keyFor(body) },
      {
        onSuccess: ({ id }: Batch) => {
          forget();
          void navigate({ to: "/batches/$id", params: { id } });
        },
      },
    );
  };

  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      title={words.title(verb, planned ? all : undefined)}
      phrase={destructive.has(verb) && taken > 0 ? String(taken) : undefined}
      submit={words.submit(verb, taken)}
      cancel={words.cancel}
      danger={verb === "delete"}
      disabled={!planned || plan.isFetching || taken === 0}
      pending={create.isPending}
      error={create.error}
      onConfirm={submit}
    >
      <Text>{words.meaning[verb]}</Text>
      {verb === "move" && <PoolChoice pool={pool} onChange={setPool} />}
      {verb === "delete" && (
        <Checkbox
          label={words.force}
          description={words.forceMeaning}
          checked={force}
          onChange={(event) => setForce(event.currentTarget.checked)}
        />
      )}
      {plan.isLoading && <Skeleton height={72} role="status" aria-label={words.looking} />}
      {plan.isError && (
        <ProblemAlert
          title={words.failed}
          error={plan.error}
          onRetry={() => void plan.refetch()}
          retrying={plan.isFetching}
        />
      )}
      {planned && <Planned batch={planned} />}
      {planned && taken > 0 && (
        <Group align="flex-start" grow>
          <TextInput
            type="number"
            label={words.parallelism}
            description={words.parallelismHint}
            value={parallelism}
            onChange={(event) => setParallelism(event.currentTarget.value)}
            min={1}
            max={100}
          />
          <TextInput
            type="number"
            label={words.maxFailures}
            description={words.maxFailuresHint}
            value={maxFailures}
            onChange={(event) => setMaxFailures(event.currentTarget.value)}
            min={1}
            max={1000}
          />
        </Group>
      )}
      <SameWith call={{ method: "POST", path: "/api/gateway/tenants:batch?dry_run=true", body: wish }} />
    </ConfirmDialog>
  );
}

function PoolChoice({ pool, onChange }: { pool: string; onChange: (pool: string) => void }) {
  const may = useMay();
  const pools = useQuery({ ...poolListQuery, enabled: may("fleet:read") }).data ?? [];
  const open = ratePlaces(pools).filter(({ verdict }) => verdict === "chosen" || verdict === "later");
  return (
    <NativeSelect
      label={words.pool}
      value={pool}
      onChange={(event) => onChange(event.currentTarget.value)}
      data={[
        { value: "", label: words.choosePool },
        ...open.map(({ place }) => ({ value: place.id, label: place.name })),
      ]}
    />
  );
}
