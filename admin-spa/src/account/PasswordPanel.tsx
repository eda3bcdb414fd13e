import { Button, PasswordInput, Stack } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { checkNewPassword, NewPasswordFields } from "../login/NewPasswordFields";
import { useNotice } from "../parts/Notices";
import { Panel } from "../parts/Panel";
import { ProblemAlert } from "../parts/ProblemAlert";
import { useChangePassword } from "./api";
import { accountText } from "./text";

const words = accountText.password;

/** Changes one's own password. */
export function PasswordPanel({ email }: { email: string }) {
  const [wrong, setWrong] = useState<ReturnType<typeof checkNewPassword> & { current?: string }>({});
  const notify = useNotice();
  const change = useChangePassword();
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const element = event.currentTarget;
    const form = new FormData(element);
    const current = String(form.get("current") ?? "");
    const next = String(form.get("password") ?? "");
    const found = {
      ...checkNewPassword(next, String(form.get("repeated") ?? "")),
      ...(current ? {} : { current: words.currentMissing }),
    };
    setWrong(found);
    if (Object.keys(found).length > 0) return;
    change.mutate(
      { current_password: current, new_password: next },
      {
        onSuccess: () => {
          element.reset();
          notify({ tone: "green", message: words.done });
        },
      },
    );
  };
  return (
    <Panel title={words.title} hint={words.hint}>
      <form onSubmit={submit} noValidate>
        <Stack maw="26rem">
          {/* Password managers keep the new password under this name. */}
          <input type="hidden" name="username" autoComplete="username" value={email} />
          <PasswordInput
            label={words.current}
            name="current"
            autoComplete="current-password"
            error={wrong.current}
          />
          <NewPasswordFields label={words.next} wrong={wrong} />
          {change.isError && <ProblemAlert error={change.error} />}
          <Button type="submit" variant="default" loading={change.isPending}>
            {words.submit}
          </Button>
        </Stack>
      </form>
    </Panel>
  );
}
