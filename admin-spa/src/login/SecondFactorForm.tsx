import { Button, Stack, Text, TextInput } from "@mantine/core";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { ProblemAlert } from "../parts/ProblemAlert";
import { loginText } from "./text";

const { second } = loginText;

interface SecondFactorFormProps {
  email: string;
  error: unknown;
  pending: boolean;
  onSubmit: (code: string) => void;
  onBack: () => void;
}

/** Asks for what the authenticator app shows, or for a recovery code. */
export function SecondFactorForm({ email, error, pending, onSubmit, onBack }: SecondFactorFormProps) {
  const [isRecovery, setIsRecovery] = useState(false);
  const [missing, setMissing] = useState<string>();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const change = () => {
    setIsRecovery(!isRecovery);
    setMissing(undefined);
    if (!input.current) return;
    input.current.value = "";
    input.current.focus();
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    // Apps show codes in groups; people copy the space with them.
    const code = String(form.get("code") ?? "").replaceAll(/\s/g, "");
    setMissing(code ? undefined : second.missing);
    if (code) onSubmit(code);
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <Text className="wrap-anywhere">{second.intro(email)}</Text>
        <TextInput
          ref={input}
          label={isRecovery ? second.recovery : second.code}
          description={isRecovery ? second.recoveryHint : second.codeHint}
          name="code"
          autoComplete="one-time-code"
          inputMode={isRecovery ? "text" : "numeric"}
          autoCapitalize="none"
          spellCheck={false}
          error={missing}
        />
        {error !== null && <ProblemAlert error={error} />}
        <Button type="submit" loading={pending}>
          {second.submit}
        </Button>
        <Button variant="subtle" onClick={change}>
          {isRecovery ? second.useApp : second.useRecovery}
        </Button>
        <Button variant="subtle" color="gray" onClick={onBack}>
          {second.back}
        </Button>
      </Stack>
    </form>
  );
}
