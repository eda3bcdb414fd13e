import { Button, Stack, Text, Title } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { api, unwrap } from "../api/client";
import { useCall } from "../api/useCall";
import { ProblemAlert } from "../parts/ProblemAlert";
import { ButtonLink } from "../parts/RouterLink";
import { ClosedPage } from "./ClosedPage";
import { checkNewPassword, NewPasswordFields } from "./NewPasswordFields";
import { NoToken } from "./NoToken";
import { loginText } from "./text";
import { useToken } from "./useToken";

const { reset } = loginText;

/** Sets another password by the link of a mail. */
export function ResetPage() {
  const token = useToken();
  const [wrong, setWrong] = useState<ReturnType<typeof checkNewPassword>>({});
  const set = useCall(
    (password: string) =>
      unwrap(api.POST("/api/gateway/password-resets/confirm", { body: { token, password } })),
    [],
  );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const password = String(form.get("password") ?? "");
    const found = checkNewPassword(password, String(form.get("repeated") ?? ""));
    setWrong(found);
    if (Object.keys(found).length === 0) set.mutate(password);
  };
  return (
    <ClosedPage title={reset.title}>
      {token === "" ? (
        <NoToken />
      ) : set.isSuccess ? (
        <Stack role="status">
          <Title order={2} size="h4">
            {reset.doneTitle}
          </Title>
          <Text>{reset.done}</Text>
          <ButtonLink to="/login">{reset.login}</ButtonLink>
        </Stack>
      ) : (
        <form onSubmit={submit} noValidate>
          <Stack>
            <Text>{reset.intro}</Text>
            <NewPasswordFields label={reset.password} wrong={wrong} />
            {set.isError && <ProblemAlert error={set.error} />}
            <Button type="submit" loading={set.isPending}>
              {reset.submit}
            </Button>
          </Stack>
        </form>
      )}
    </ClosedPage>
  );
}
