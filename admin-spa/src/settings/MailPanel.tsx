import { Button, Group, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { asProblem } from "../api/problem";
import { meQuery } from "../api/session";
import { Panel } from "../parts/Panel";
import { ProblemAlert } from "../parts/ProblemAlert";
import { useTestMail } from "./api";
import { settingsText } from "./text";

const words = settingsText.mail;

/** The problem code where no mail server is set. */
const NO_MAIL_SERVER = "no_mail_server";

/** Sends a mail that shows that mail arrives. */
export function MailPanel() {
  const me = useQuery(meQuery).data;
  const [missing, setMissing] = useState<string>();
  const send = useTestMail();
  const isOff = send.isError && asProblem(send.error).code === NO_MAIL_SERVER;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const to = String(new FormData(event.currentTarget).get("to") ?? "").trim();
    setMissing(to ? undefined : words.toMissing);
    if (to) send.mutate(to);
  };
  return (
    <Panel title={words.title} hint={words.hint}>
      <form onSubmit={submit} noValidate>
        <Group align="flex-end">
          <TextInput
            label={words.to}
            name="to"
            type="email"
            autoComplete="email"
            defaultValue={me?.email ?? ""}
            error={missing}
          />
          <Button type="submit" variant="default" loading={send.isPending}>
            {words.submit}
          </Button>
        </Group>
      </form>
      {send.data && (
        <Text size="sm" mt="sm" role="status" className="wrap-anywhere">
          {words.sent(send.data.to, send.data.from)}
        </Text>
      )}
      {isOff && (
        <Text size="sm" mt="sm" role="status">
          {words.off}
        </Text>
      )}
      {send.isError && !isOff && <ProblemAlert error={send.error} />}
    </Panel>
  );
}
