import type { ReactNode } from "react";
import { ConfirmDialog } from "./ConfirmDialog";

interface AskDialogProps {
  opened: boolean;
  onClose: () => void;
  /** The words of the dialog; title and button name what it is about. */
  words: { title: (name: string) => string; submit: (name: string) => string; cancel: string };
  /** What it is about. */
  name: string;
  /** Whether the name has to be typed. */
  typed?: boolean;
  danger?: boolean;
  /** What is sent: whether that is under way, and what the server said to the last try. */
  sending: { isPending: boolean; error: unknown };
  onConfirm: () => void;
  /** What will happen, in words. */
  children: ReactNode;
}

/** Asks before something is done with one thing that has a name. */
export function AskDialog({ words, name, typed = false, sending, ...dialog }: AskDialogProps) {
  return (
    <ConfirmDialog
      {...dialog}
      title={words.title(name)}
      submit={words.submit(name)}
      cancel={words.cancel}
      phrase={typed ? name : undefined}
      pending={sending.isPending}
      error={sending.error}
    />
  );
}
