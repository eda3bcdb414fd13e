import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { ProblemAlert } from "./ProblemAlert";
import { partsText } from "./text";

interface ConfirmDialogProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  /** What will happen, in words. */
  children?: ReactNode;
  /** What must be typed exactly before the button works; absent asks for nothing. */
  phrase?: string | undefined;
  /** Names the act: "Delete acme", never "OK". */
  submit: string;
  /** Names what stays: "Keep it". */
  cancel?: string;
  /** A destructive act has a red button. */
  danger?: boolean;
  /** Keeps the button off for another reason than the phrase. */
  disabled?: boolean;
  pending: boolean;
  /** What the server said to the last try; null before it. */
  error: unknown;
  onConfirm: () => void;
}

/** Asks before something is done; with a phrase to type where it cannot be taken back. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { opened, phrase, disabled = false, danger = false } = props;
  const [typed, setTyped] = useState("");
  useEffect(() => {
    if (!opened) setTyped("");
  }, [opened]);
  const ready = !disabled && (phrase === undefined || typed === phrase);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready && !props.pending) props.onConfirm();
  };
  return (
    <Modal opened={opened} onClose={props.onClose} title={props.title}>
      <form onSubmit={submit}>
        <Stack>
          {props.children}
          {phrase !== undefined && (
            <TextInput
              label={partsText.typeToConfirm(phrase)}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              data-autofocus
            />
          )}
          {props.error !== null && props.error !== undefined && (
            <ProblemAlert title={partsText.refused} error={props.error} />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={props.onClose}>
              {props.cancel ?? partsText.cancel}
            </Button>
            <Button
              type="submit"
              {...(danger ? { color: "red" } : {})}
              disabled={!ready}
              loading={props.pending}
              data-autofocus={phrase === undefined ? true : undefined}
            >
              {props.submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
