import { Button, Checkbox, Group, Stack, Text } from "@mantine/core";
import { IconEye, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { Field } from "../fleet/Field";
import { useForm } from "../fleet/useForm";
import { isOutside, readDecimal } from "../fleet/wholeNumber";
import { useCreateJob } from "../jobs/api";
import { JobPanel } from "../jobs/JobPanel";
import { text as jobText } from "../jobs/text";
import type { CollectResult, CreateJob, Job, OrphanKind } from "../jobs/types";
import { ConfirmDialog } from "../parts/ConfirmDialog";
import { Panel } from "../parts/Panel";
import { ProblemAlert } from "../parts/ProblemAlert";
import { text } from "./text";

const words = text.orphans;
const KINDS = Object.keys(jobText.orphanKind) as OrphanKind[];
const HOURS = { least: 0, most: 8_760 };
const SECONDS_PER_HOUR = 3_600;

interface CollectPanelProps {
  /** The job that says what would go. */
  preview: string | undefined;
  /** The job that removes it. */
  done: string | undefined;
  onPreview: (job: string) => void;
  onDone: (job: string) => void;
  onAgain: () => void;
}

/** Removes orphans in two steps: a job that only says what would go, then one that removes it. */
export function CollectPanel({ preview, done, onPreview, onDone, onAgain }: CollectPanelProps) {
  if (done !== undefined) {
    return (
      <Panel title={words.result}>
        <Stack align="flex-start">
          <JobPanel key={done} id={done} />
          <Button variant="default" onClick={onAgain}>
            {words.again}
          </Button>
        </Stack>
      </Panel>
    );
  }
  if (preview !== undefined) {
    return (
      <Panel title={words.preview}>
        <JobPanel key={preview} id={preview}>
          {(job) => <RemoveAfter job={job} onDone={onDone} onAgain={onAgain} />}
        </JobPanel>
      </Panel>
    );
  }
  return <PreviewForm onPreview={onPreview} />;
}

function PreviewForm({ onPreview }: { onPreview: (job: string) => void }) {
  const create = useCreateJob();
  const [kinds, setKinds] = useState<readonly OrphanKind[]>([]);
  const form = useForm({
    initial: { quarantine_seconds: "" },
    check: (values) =>
      isOutside(readDecimal(values.quarantine_seconds), HOURS)
        ? { quarantine_seconds: words.quarantineWrong }
        : {},
    error: create.error,
    onSubmit: (values) => {
      const hours = readDecimal(values.quarantine_seconds);
      const body: CreateJob = {
        kind: "collect",
        parameters: {
          dry_run: true,
          ...(typeof hours === "number" ? { quarantine_seconds: hours * SECONDS_PER_HOUR } : {}),
          ...(kinds.length > 0 ? { kinds: [...kinds] } : {}),
        },
      };
      create.mutate(body, { onSuccess: (job) => onPreview(job.id) });
    },
  });
  return (
    <Panel title={words.collect} hint={words.collectHint}>
      <form ref={form.form} onSubmit={form.submit} noValidate>
        <Stack align="flex-start">
          <Checkbox.Group
            label={words.kinds}
            description={words.kindsHint}
            value={[...kinds]}
            onChange={(chosen) => setKinds(KINDS.filter((kind) => chosen.includes(kind)))}
          >
            <Group gap="md" mt="xs">
              {KINDS.map((kind) => (
                <Checkbox key={kind} value={kind} label={jobText.orphanKind[kind]} />
              ))}
            </Group>
          </Checkbox.Group>
          <Field
            of={form}
            name="quarantine_seconds"
            label={words.quarantine}
            unit={words.quarantineUnit}
            hint={words.quarantineHint}
            numeric
          />
          {form.rest && <ProblemAlert title={text.drift.notAccepted} error={form.rest} />}
          <Button
            type="submit"
            variant="default"
            leftSection={<IconEye size={16} aria-hidden />}
            loading={create.isPending}
          >
            {words.collect}
          </Button>
        </Stack>
      </form>
    </Panel>
  );
}

interface RemoveAfterProps {
  job: Job;
  onDone: (job: string) => void;
  onAgain: () => void;
}

/** The button that removes what the preview has named, and the dialog before it. */
function RemoveAfter({ job, onDone, onAgain }: RemoveAfterProps) {
  const create = useCreateJob();
  const [asking, setAsking] = useState(false);
  const { collected = [] } = (job.result ?? {}) as Partial<CollectResult>;
  const counts = KINDS.flatMap((kind) => {
    const count = collected.filter((object) => object.kind === kind).length;
    return count > 0 ? [words.countOf(jobText.orphanKind[kind], count)] : [];
  }).join(", ");
  return (
    <Group>
      {collected.length > 0 && (
        <Button
          color="red"
          leftSection={<IconTrash size={16} aria-hidden />}
          onClick={() => {
            create.reset();
            setAsking(true);
          }}
        >
          {words.remove(collected.length)}
        </Button>
      )}
      <Button variant="default" onClick={onAgain}>
        {words.again}
      </Button>
      <ConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        title={words.dialogTitle(collected.length)}
        phrase={String(collected.length)}
        danger
        submit={words.dialogSubmit(collected.length)}
        cancel={words.dialogCancel}
        pending={create.isPending}
        error={create.error}
        onConfirm={() =>
          create.mutate(
            { kind: "collect", parameters: { ...job.parameters, dry_run: false } },
            { onSuccess: (next) => onDone(next.id) },
          )
        }
      >
        <Text>{words.dialogBody(counts)}</Text>
      </ConfirmDialog>
    </Group>
  );
}
