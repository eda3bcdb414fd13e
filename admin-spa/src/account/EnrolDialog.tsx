import { Button, Group, Modal, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { CommandLine } from "../parts/CommandLine";
import { ProblemAlert } from "../parts/ProblemAlert";
import { partsText } from "../parts/text";
import { useConfirmTotp, useEnrolTotp } from "./api";
import { QrCode } from "./QrCode";
import { accountText } from "./text";

const words = accountText.totp;

interface EnrolDialogProps {
  opened: boolean;
  onClose: () => void;
  /** Hears the recovery codes, this once. */
  onDone: (recoveryCodes: readonly string[]) => void;
}

/** Turns the second factor on: the password, then the secret for the app, then its first code. */
export function EnrolDialog({ opened, onClose, onDone }: EnrolDialogProps) {
  const enrol = useEnrolTotp();
  const confirm = useConfirmTotp();
  const close = () => {
    // The secret is forgotten with the dialog.
    enrol.reset();
    confirm.reset();
    onClose();
  };
  return (
    <Modal opened={opened} onClose={close} title={words.beginTitle}>
      {enrol.data === undefined ? (
        <PasswordStep
          pending={enrol.isPending}
          error={enrol.error}
          onSubmit={(password) => enrol.mutate(password)}
          onClose={close}
        />
      ) : (
        <Stack>
          <Text>{words.scan}</Text>
          <Group justify="center">
            <QrCode value={enrol.data.otpauth_url} />
          </Group>
          <div>
            <Text size="sm" c="dimmed" mb={4}>
              {words.secret}
            </Text>
            <CommandLine command={enrol.data.secret} label={words.secret.toLowerCase()} />
          </div>
          <CodeStep
            pending={confirm.isPending}
            error={confirm.error}
            onSubmit={(code) =>
              confirm.mutate(code, {
                onSuccess: ({ recovery_codes }) => {
                  enrol.reset();
                  confirm.reset();
                  onDone(recovery_codes);
                },
              })
            }
            onClose={close}
          />
        </Stack>
      )}
    </Modal>
  );
}

interface StepProps {
  pending: boolean;
  error: unknown;
  onSubmit: (value: string) => void;
  onClose: () => void;
}

function PasswordStep({ pending, error, onSubmit, onClose }: StepProps) {
  const [missing, setMissing] = useState<string>();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const password = String(new FormData(event.currentTarget).get("password") ?? "");
    setMissing(password ? undefined : words.passwordMissing);
    if (password) onSubmit(password);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <PasswordInput
          label={words.password}
          name="password"
          autoComplete="current-password"
          error={missing}
          data-autofocus
        />
        {error !== null && <ProblemAlert error={error} />}
        <Buttons submit={words.next} pending={pending} onClose={onClose} />
      </Stack>
    </form>
  );
}

function CodeStep({ pending, error, onSubmit, onClose }: StepProps) {
  const [missing, setMissing] = useState<string>();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const code = String(new FormData(event.currentTarget).get("code") ?? "").replaceAll(/\s/g, "");
    setMissing(code ? undefined : words.codeMissing);
    if (code) onSubmit(code);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label={words.code}
          description={words.codeHint}
          name="code"
          inputMode="numeric"
          autoComplete="one-time-code"
          error={missing}
        />
        {error !== null && <ProblemAlert error={error} />}
        <Buttons submit={words.confirm} pending={pending} onClose={onClose} />
      </Stack>
    </form>
  );
}

function Buttons({ submit, pending, onClose }: { submit: string; pending: boolean; onClose: () => void }) {
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={onClose}>
        {partsText.cancel}
      </Button>
      <Button type="submit" loading={pending}>
        {submit}
      </Button>
    </Group>
  );
}
