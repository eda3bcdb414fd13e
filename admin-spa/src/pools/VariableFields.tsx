import { ActionIcon, Button, Checkbox, Group, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useId, useRef } from "react";
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
  const last = useRef(0);
  const { fields, removed } = variables;
  const change = (id: number, part: { name?: string; value?: string }) =>
    onChange({
      ...variables,
      fields: fields.map((field) => (field.id === id ? { ...field, ...part } : field)),
    });
  const add = () => {
    last.current += 1;
    onChange({ ...variables, fields: [...fields, { id: last.current, name: "", value: "" }] });
  };
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
      {fields.map((field, place) => (
        <Group key={field.id} gap="xs" align="flex-start">
          <TextInput
            aria-label={words.name(place + 1)}
            placeholder={words.namePlaceholder}
            value={field.name}
            onChange={(event) => change(field.id, { name: event.currentTarget.value })}
            autoCapitalize="none"
            autoComplete="off"
            spellCheck={false}
            style={{ flex: "1 1 9rem" }}
            styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
          />
          <PasswordInput
            aria-label={words.value(place + 1)}
            placeholder={words.valuePlaceholder}
            value={field.value}
            onChange={(event) => change(field.id, { value: event.currentTarget.value })}
            autoComplete="off"
            visibilityToggleButtonProps={{ "aria-label": words.show(place + 1) }}
            style={{ flex: "2 1 11rem" }}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={words.drop(field.name || String(place + 1))}
            onClick={() => onChange({ ...variables, fields: fields.filter(({ id }) => id !== field.id) })}
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
          name="environment"
          variant="default"
          size="xs"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={add}
        >
          {words.add}
        </Button>
      </div>
    </Stack>
  );
}
