import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { IconCircleCheck } from "@tabler/icons-react";
import { tenantsText } from "../text";
import type { TenantForm } from "./useTenantForm";

const words = tenantsText.create;

/** The key, checked while it is typed: every reason against it, or that it is free, or one that is. */
export function KeyField({ form }: { form: TenantForm }) {
  const { typed, errors, isFree, suggestion } = form;
  return (
    <Stack gap={6}>
      <TextInput
        label={words.key}
        description={words.keyHint}
        name="key"
        required
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        value={typed.key}
        onChange={(event) => form.change("key", { key: event.currentTarget.value })}
        error={errors.key}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
      />
      <Group gap={6} role="status" mih={24}>
        {isFree && !errors.key && (
          <>
            <IconCircleCheck size={16} aria-hidden color="var(--tone-green)" />
            <Text size="sm">{words.keyFree(typed.key)}</Text>
          </>
        )}
        {suggestion && (
          <>
            <Text size="sm">{words.suggestion}</Text>
            <Button
              variant="default"
              size="compact-sm"
              onClick={() => form.change("key", { key: suggestion })}
            >
              {words.take(suggestion)}
            </Button>
          </>
        )}
      </Group>
    </Stack>
  );
}
