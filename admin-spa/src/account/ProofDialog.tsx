import { Button, Group, Modal, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { ProblemAlert } from "../parts/ProblemAlert";
import { partsText } from "../parts/text";
import { accountText } from "./text";

const words = accountText.totp;

interface ProofDialogProps {
  opened: boolean;
  onClose: () => void;
  title: string;
  hint?: string;
  submit: string;
  danger?: boolean;
  pending: boolean;
  error: unknown;
  onSubmit: (proof: { password: string; code: string }) => void;
}

/** Asks for password and second factor once more, before the account is made weaker. */
export function ProofDialog({ opened, onClose, title, hint, danger, ...rest }: ProofDialogProps) {
  const [wrong, setWrong] = useState<{ password?: string; code?: string }>({});
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const password = String(form.get("password") ?? "");
    const code = String(form.get("code") ?? "").replaceAll(/\s/g, "");
    setWrong({
      ...(password ? {} : { password: words.passwordMissing }),
      ...(code ? {} : { code: words.codeMissing }),
    });
    if (password && code) rest.onSubmit({ password, code });
  };
  return (
    <Modal opened={opened} onClose={onClose} title={title}>
      <form onSubmit={submit} noValidate>
        <Stack>
          {hint && <Text>{hint}</Text>}
          <PasswordInput
            label={words.password}
            name="password"
            autoComplete="current-password"
            error={wrong.password}
            data-autofocus
          />
          <TextInput
            label={words.anyCode}
            name="code"
            autoComplete="one-time-code"
            autoCapitalize="none"
            spellCheck={false}
            error={wrong.code}
          />
          {rest.error !== null && <ProblemAlert error={rest.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {partsText.cancel}
            </Button>
            <Button type="submit" loading={rest.pending} {...(danger ? { color: "red" } : {})}>
              {rest.submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
