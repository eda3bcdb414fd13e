import { Text } from "@mantine/core";
import { useRepublish } from "../jobs/api";
import { SameWith } from "../parts/CommandLine";
import { ConfirmDialog } from "../parts/ConfirmDialog";
import { text } from "./text";

const words = text.republish;

interface RepublishDialogProps {
  opened: boolean;
  onClose: () => void;
  /** The job that was asked for. */
  onAsked: (job: string) => void;
}

/** Says what publishing all routes again does, and asks a worker for it. */
export function RepublishDialog({ opened, onClose, onAsked }: RepublishDialogProps) {
  const republish = useRepublish();
  return (
    <ConfirmDialog
      opened={opened}
      onClose={onClose}
      title={words.title}
      submit={words.submit}
      cancel={words.cancel}
      pending={republish.isPending}
      error={republish.error}
      onConfirm={() => republish.mutate(undefined, { onSuccess: (job) => onAsked(job.id) })}
    >
      <Text>{words.body}</Text>
      <SameWith cli={words.cli} call={{ method: "POST", path: "/api/gateway/routes/republish" }} />
    </ConfirmDialog>
  );
}
