import { Button, Checkbox, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ProblemAlert } from "../../parts/ProblemAlert";
import { tenantsText } from "../text";

const words = tenantsText.views;
/** Longest name, in characters; the API refuses longer ones. */
const LONGEST = 60;

interface NameViewProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  hint?: string;
  submit: string;
  /** The name it has; empty for a view to come. */
  name?: string;
  /** Whether the view is to come: then it is asked who sees it and what it keeps. */
  isNew?: boolean;
  pending: boolean;
  error: unknown;
  onSave: (named: { name: string; shared: boolean; keepsColumns: boolean }) => void;
}

/** Asks for the name of a view, and of a view to come also who sees it and whether it keeps columns. */
export function NameView({ opened, onClose, title, ...form }: NameViewProps) {
  return (
    <Modal opened={opened} onClose={onClose} title={title}>
      <NameForm onClose={onClose} {...form} />
    </Modal>
  );
}

function NameForm(props: Omit<NameViewProps, "opened" | "title">) {
  const [name, setName] = useState(props.name ?? "");
  const [shared, setShared] = useState(false);
  const [keepsColumns, setKeepsColumns] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() && !props.pending) props.onSave({ name: name.trim(), shared, keepsColumns });
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {props.hint && <Text size="sm">{props.hint}</Text>}
        <TextInput
          label={words.name}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          maxLength={LONGEST}
          data-autofocus
          autoComplete="off"
        />
        {props.isNew && (
          <>
            <Checkbox
              label={words.share}
              checked={shared}
              onChange={(event) => setShared(event.currentTarget.checked)}
            />
            <Checkbox
              label={words.columns}
              checked={keepsColumns}
              onChange={(event) => setKeepsColumns(event.currentTarget.checked)}
            />
          </>
        )}
        {props.error !== null && <ProblemAlert title={words.saveFailed} error={props.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={props.onClose}>
            {words.cancel}
          </Button>
          <Button type="submit" disabled={!name.trim()} loading={props.pending}>
            {props.submit}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
