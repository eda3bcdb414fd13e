import { PasswordInput } from "@mantine/core";
import { loginText } from "./text";

/** The shortest password the server takes, in characters (`ConfirmReset.password` of its document). */
const SHORTEST_PASSWORD = 12;

/** What is wrong with a new password and its repetition; empty when nothing is. */
export function checkNewPassword(
  password: string,
  repeated: string,
): { password?: string; repeated?: string } {
  return {
    ...([...password].length < SHORTEST_PASSWORD
      ? { password: loginText.passwordShort(SHORTEST_PASSWORD) }
      : {}),
    ...(password === repeated ? {} : { repeated: loginText.repeatWrong }),
  };
}

interface NewPasswordFieldsProps {
  label: string;
  wrong: { password?: string; repeated?: string };
}

/** A new password, twice, in fields that password managers know: `password` and `repeated` of the form. */
export function NewPasswordFields({ label, wrong }: NewPasswordFieldsProps) {
  return (
    <>
      <PasswordInput
        label={label}
        description={loginText.passwordHint(SHORTEST_PASSWORD)}
        name="password"
        autoComplete="new-password"
        error={wrong.password}
      />
      <PasswordInput
        label={loginText.repeat}
        name="repeated"
        autoComplete="new-password"
        error={wrong.repeated}
      />
    </>
  );
}
