import { Stack, Text } from "@mantine/core";
import { useId } from "react";
import { type Pair, PairFields } from "../parts/PairFields";
import { tenantsText } from "./text";

const words = tenantsText.labels;
/** As many as a tenant may have. */
const MOST = 32;

/** Labels as fields to edit. */
export const fieldsOf = (labels: Readonly<Record<string, string>>): Pair[] =>
  Object.entries(labels).map(([name, value], id) => ({ id, name, value }));

/** Fields as labels; those without a name are none. */
export const labelsOf = (fields: readonly Pair[]): Record<string, string> =>
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
  fields: readonly Pair[];
  onChange: (fields: Pair[]) => void;
  /** What the server said about a label, by its name. */
  errors?: Readonly<Record<string, string>>;
  /** What the server said about all of them. */
  error?: string | undefined;
  disabled?: boolean;
}

/** Names and values to add, change and remove. */
export function LabelFields({ fields, onChange, errors = {}, error, disabled = false }: LabelFieldsProps) {
  const heading = useId();
  const twice = (field: Pair) =>
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
      <PairFields
        pairs={fields}
        onChange={onChange}
        words={words}
        errorOf={(field) => (twice(field) ? words.twice : errors[field.name.trim()])}
        disabled={disabled}
        most={MOST}
      >
        {error && (
          <Text size="xs" c="var(--mantine-color-error)" role="alert">
            {error}
          </Text>
        )}
      </PairFields>
    </Stack>
  );
}
