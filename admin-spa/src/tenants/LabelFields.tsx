import { ActionIcon, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useId, useRef } from "react";
import { tenantsText } from "./text";

const words = tenantsText.labels;
/** As many as a tenant may have. */
const MOST = 32;

/** One label while it is edited; the id keeps its fields apart while both are empty. */
export interface LabelField {
  id: number;
  name: string;
  value: string;
}

/** Labels as fields to edit. */
export const fieldsOf = (labels: Readonly<Record<string, string>>): LabelField[] =>
  Object.entries(labels).map(([name, value], id) => ({ id, name, value }));

/** Fields as labels; those without a name are none. */
export const labelsOf = (fields: readonly LabelField[]): Record<string, string> =>
  Object.fromEntries(fields.flatMap(({ name, value }) => (name.trim() ? [[name.trim(), value]] : [])));

/** What a merge patch has to say to turn some labels into others; undefined where they are the same. */
export function labelPatch(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): Record<string, string | null> | undefined {
  const set = Object.entries(after).filter(([name, value]) => before[name] !== value);
  const removed = Object.keys(before).flatMap((name) => (name in after ? [] : [[name, null] as const]));
  const patch = Object.fromEntries([...set, ...removed]);
  return Object.keys(patch).length > 0 ? patch : undefined;
}

interface LabelFieldsProps {
  fields: readonly LabelField[];
  onChange: (fields: LabelField[]) => void;
  /** What the server said about a label, by its name. */
  errors?: Readonly<Record<string, string>>;
  /** What the server said about all of them. */
  error?: string | undefined;
  disabled?: boolean;
}

/** Names and values to add, change and remove. */
export function LabelFields({ fields, onChange, errors = {}, error, disabled = false }: LabelFieldsProps) {
  const heading = useId();
  const last = useRef(fields.length);
  const change = (id: number, part: Partial<LabelField>) =>
    onChange(fields.map((field) => (field.id === id ? { ...field, ...part } : field)));
  const add = () => {
    last.current = Math.max(last.current, ...fields.map(({ id }) => id)) + 1;
    onChange([...fields, { id: last.current, name: "", value: "" }]);
  };
  const twice = (field: LabelField) =>
    field.name.trim() !== "" &&
    fields.some((other) => other.id !== field.id && other.name.trim() === field.name.trim());
  return (
    <Stack gap={6} role="group" aria-labelledby={heading}>
      <Text size="sm" fw={600} id={heading}>
        {words.title}
      </Text>
      <Text size="xs" c="dimmed">
        {words.hint}
      </Text>
      {fields.map((field, place) => (
        <Group key={field.id} gap="xs" wrap="nowrap" align="flex-start">
          <TextInput
            aria-label={words.name(place + 1)}
            placeholder={words.namePlaceholder}
            value={field.name}
            onChange={(event) => change(field.id, { name: event.currentTarget.value })}
            error={twice(field) ? words.twice : errors[field.name.trim()]}
            disabled={disabled}
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
            style={{ flex: "1 1 8rem" }}
          />
          <TextInput
            aria-label={words.value(place + 1)}
            placeholder={words.valuePlaceholder}
            value={field.value}
            onChange={(event) => change(field.id, { value: event.currentTarget.value })}
            disabled={disabled}
            autoComplete="off"
            spellCheck={false}
            style={{ flex: "2 1 10rem" }}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={words.remove(field.name || String(place + 1))}
            onClick={() => onChange(fields.filter(({ id }) => id !== field.id))}
            disabled={disabled}
          >
            <IconX size={16} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      {error && (
        <Text size="xs" c="var(--mantine-color-error)" role="alert">
          {error}
        </Text>
      )}
      <div>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={add}
          disabled={disabled || fields.length >= MOST}
        >
          {words.add}
        </Button>
      </div>
    </Stack>
  );
}
