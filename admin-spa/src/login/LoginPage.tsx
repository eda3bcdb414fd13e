import { Alert, Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { asProblem } from "../api/problem";
import { useLogin, versionQuery } from "../api/session";
import { ProblemAlert } from "../parts/ProblemAlert";
import { AnchorLink } from "../parts/RouterLink";
import { ClosedPage } from "./ClosedPage";
import { SecondFactorForm } from "./SecondFactorForm";
import { safeTarget } from "./safeTarget";
import { loginText } from "./text";

const route = getRouteApi("/login");

/** The problem code of a login whose password is right and whose second factor is missing. */
const CODE_REQUIRED = "totp_required";

interface Credentials {
  email: string;
  password: string;
}

/** Email and password, and the second factor where there is one, for a session; then on to the page that was asked for. */
export function LoginPage() {
  const { next, over } = route.useSearch();
  const router = useRouter();
  const queries = useQueryClient();
  const login = useLogin();
  // Held only until the second factor is shown: the server takes all three at once.
  const [first, setFirst] = useState<Credentials>();

  // Nothing the previous session has read may be shown to the next one.
  useEffect(() => {
    queries.removeQueries({ predicate: (query) => query.queryKey[0] !== versionQuery.queryKey[0] });
  }, [queries]);

  const enter = (credentials: Credentials, code?: string) =>
    login.mutate(
      { ...credentials, ...(code ? { code } : {}) },
      {
        onSuccess: () => router.history.push(safeTarget(next)),
        onError: (error) => {
          if (asProblem(error).code === CODE_REQUIRED) setFirst(credentials);
        },
      },
    );
  const error = login.isError && asProblem(login.error).code !== CODE_REQUIRED ? login.error : null;

  if (first) {
    return (
      <ClosedPage title={loginText.second.title} placesFocus>
        <SecondFactorForm
          email={first.email}
          error={error}
          pending={login.isPending}
          onSubmit={(code) => enter(first, code)}
          onBack={() => {
            setFirst(undefined);
            login.reset();
          }}
        />
      </ClosedPage>
    );
  }
  return (
    <ClosedPage title={loginText.title}>
      <Stack>
        {over && (
          <Alert variant="outline" color="var(--tone-blue)" role="status">
            {loginText.over}
          </Alert>
        )}
        <PasswordForm error={error} pending={login.isPending} onSubmit={enter} />
        <Text size="sm">
          <AnchorLink to="/forgotten">{loginText.forgot}</AnchorLink>
        </Text>
      </Stack>
    </ClosedPage>
  );
}

interface PasswordFormProps {
  error: unknown;
  pending: boolean;
  onSubmit: (credentials: Credentials) => void;
}

function PasswordForm({ error, pending, onSubmit }: PasswordFormProps) {
  const [missing, setMissing] = useState<Partial<Credentials>>({});
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // Read from the form, not from state: password managers may fill fields without an input event.
    const form = new FormData(event.currentTarget);
    const email = String(form.get("email") ?? "").trim();
    const password = String(form.get("password") ?? "");
    setMissing({
      ...(email ? {} : { email: loginText.emailMissing }),
      ...(password ? {} : { password: loginText.passwordMissing }),
    });
    if (email && password) onSubmit({ email, password });
  };
  return (
    <form onSubmit={submit} noValidate>
      <Stack>
        <TextInput
          label={loginText.email}
          name="email"
          type="email"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          error={missing.email}
        />
        <PasswordInput
          label={loginText.password}
          name="password"
          autoComplete="current-password"
          error={missing.password}
        />
        {error !== null && <ProblemAlert error={error} />}
        <Button type="submit" loading={pending}>
          {loginText.submit}
        </Button>
      </Stack>
    </form>
  );
}
