import { Button, Paper, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { useLogin, versionQuery } from "../api/session";
import { Page } from "../parts/Page";
import { ProblemAlert } from "../parts/ProblemAlert";
import { Header } from "../shell/Header";
import headerClasses from "../shell/Header.module.css";
import { text } from "../text";
import { safeTarget } from "./safeTarget";

const route = getRouteApi("/login");

/** Email and password for a session cookie, then on to the page that was asked for. */
export function LoginPage() {
  const { next } = route.useSearch();
  const router = useRouter();
  const queries = useQueryClient();
  const login = useLogin();
  const [missing, setMissing] = useState<{ email?: string; password?: string }>({});

  // Nothing the previous session has read may be shown to the next one.
  useEffect(() => {
    queries.removeQueries({ predicate: (query) => query.queryKey[0] !== versionQuery.queryKey[0] });
  }, [queries]);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    // Read from the form, not from state: password managers may fill fields without an input event.
    const form = new FormData(event.currentTarget);
    const email = String(form.get("email") ?? "").trim();
    const password = String(form.get("password") ?? "");
    setMissing({
      ...(email ? {} : { email: text.login.emailMissing }),
      ...(password ? {} : { password: text.login.passwordMissing }),
    });
    if (!email || !password) return;
    login.mutate({ email, password }, { onSuccess: () => router.history.push(safeTarget(next)) });
  };

  return (
    <>
      <Header />
      <main id="content" className={headerClasses.main} tabIndex={-1} style={{ maxWidth: "26rem" }}>
        <Page title={text.login.title}>
          <Paper withBorder p="lg" bg="var(--surface)">
            <form onSubmit={submit} noValidate>
              <Stack>
                <TextInput
                  label={text.login.email}
                  name="email"
                  type="email"
                  autoComplete="username"
                  autoCapitalize="none"
                  spellCheck={false}
                  error={missing.email}
                />
                <PasswordInput
                  label={text.login.password}
                  name="password"
                  autoComplete="current-password"
                  error={missing.password}
                />
                {login.isError && <ProblemAlert error={login.error} />}
                <Button type="submit" loading={login.isPending}>
                  {text.login.submit}
                </Button>
              </Stack>
            </form>
          </Paper>
        </Page>
      </main>
    </>
  );
}
