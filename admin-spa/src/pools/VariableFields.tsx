import { Checkbox, Stack, Text } from "@mantine/core";
import { useId } from "react";
import { PairFields } from "../parts/PairFields";
import { text } from "./text";
import type { Variables } from "./variables";

interface VariableFieldsProps {
  variables: Variables;
  /** Names that were set before; their values are not known here. */
  kept: readonly string[];
  onChange: (variables: Variables) => void;
  error: string | undefined;
}

const words = text.variables;

/** Variables to set, and of those that are set which to remove. */
export function VariableFields({ variables, kept, onChange, error }: VariableFieldsProps) {
  const heading = useId();
  const { fields, removed } = variables;
  const toggle = (name: string, isRemoved: boolean) =>
    onChange({
      ...variables,
      removed: isRemoved ? [...removed, name] : removed.filter((one) => one !== name),
    });
  return (
    <Stack gap="xs" role="group" aria-labelledby={heading}>
      <div>
        <Text size="sm" fw={500} id={heading}>
          {words.title}
        </Text>
        <Text size="xs" c="dimmed">
          {kept.length > 0 ? words.hintKept : words.hint}
        </Text>
      </div>
      {kept.map((name) => (
        <Checkbox
          key={name}
          label={words.removeKept(name)}
          checked={removed.includes(name)}
          onChange={(event) => toggle(name, event.currentTarget.checked)}
        />
      ))}
      <PairFields
        pairs={fields}
        onChange={(next) => onChange({ ...variables, fields: next })}
        words={words}
        secret={words.show}
        field="environment"
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
