import { Button, Stack, Text, TextInput, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { api, unwrap } from "../api/client";
import { useCall } from "../api/useCall";
import { ProblemAlert } from "../parts/ProblemAlert";
import { ButtonLink } from "../parts/RouterLink";
import { ClosedPage } from "./ClosedPage";
import { loginText } from "./text";

const { forgotten } = loginText;

/** Asks for a link to set another password. The answer is the same whether or not there is such an account. */
export function ForgottenPage() {
  const [missing, setMissing] = useState<string>();
  const ask = useCall(
    (email: string) => unwrap(api.POST("/api/gateway/password-resets", { body: { email } })),
    [],
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const email = String(new FormData(event.currentTarget).get("email") ?? "").trim();
    setMissing(email ? undefined : loginText.emailMissing);
    if (email) ask.mutate(email);
  };
  return (
    <ClosedPage title={forgotten.title}>
      {ask.isSuccess ? (
        <Stack role="status">
          <Title order={2} size="h4">
            {forgotten.sentTitle}
          </Title>
          <Text className="wrap-anywhere">{forgotten.sent(ask.variables)}</Text>
          <ButtonLink to="/login" variant="default">
            {forgotten.back}
          </ButtonLink>
        </Stack>
      ) : (
        <form onSubmit={submit} noValidate>
          <Stack>
            <Text>{forgotten.intro}</Text>
            <TextInput
              label={loginText.email}
              name="email"
              type="email"
              autoComplete="username"
              autoCapitalize="none"
              spellCheck={false}
              error={missing}
            />
            {ask.isError && <ProblemAlert error={ask.error} />}
            <Button type="submit" loading={ask.isPending}>
              {forgotten.submit}
            </Button>
            <ButtonLink to="/login" variant="subtle">
              {forgotten.back}
            </ButtonLink>
          </Stack>
        </form>
      )}
    </ClosedPage>
  );
}
