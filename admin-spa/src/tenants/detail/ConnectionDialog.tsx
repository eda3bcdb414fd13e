import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { type Credentials, useRevealCredentials } from "../../api/tenants";
import type { Tenant } from "../../api/types";
import { CommandLine, shellWord } from "../../parts/CommandLine";
import { ProblemAlert } from "../../parts/ProblemAlert";
import { detailText } from "./text";
import { useDialog } from "./useDialog";

const words = detailText.connection;

/** The lines that set an app's environment, in the names that PostgreSQL's own clients and most frameworks read. */
export function environmentOf(credentials: Credentials): string {
  const lines: [string, string | number][] = [
    ["DATABASE_URL", credentials.database_url],
    ["PGHOST", credentials.host],
    ["PGPORT", credentials.port],
    ["PGDATABASE", credentials.database],
    ["PGUSER", credentials.username],
    ["PGPASSWORD", credentials.password],
  ];
  return lines.map(([name, value]) => `${name}=${shellWord(String(value))}`).join("\n");
}

/** The line that opens psql; the password goes by the environment, so that a list of processes does not show it. */
export const psqlOf = ({ host, port, database, username, password }: Credentials): string =>
  `PGPASSWORD=${shellWord(password)} psql -h ${shellWord(host)} -p ${port} -U ${shellWord(username)} -d ${shellWord(database)}`;

/** Shows how the tenant's app reaches its database, after asking; the secret lives only as long as the dialog. */
export function ConnectionDialog({ tenant }: { tenant: Tenant }) {
  const { dialog, close } = useDialog();
  const reveal = useRevealCredentials(tenant.key);
  const shown = reveal.data;
  const end = () => {
    reveal.reset();
    close();
  };
  return (
    <Modal opened={dialog === "connection"} onClose={end} title={words.title(tenant.key)} size="xl">
      <Stack>
        {shown ? (
          <>
            {[
              { name: words.url, value: shown.database_url },
              { name: words.env, value: environmentOf(shown) },
              { name: words.psql, value: psqlOf(shown) },
            ].map(({ name, value }) => (
              <div key={name}>
                <Text size="sm" c="dimmed" mb={4}>
                  {name}
                </Text>
                <CommandLine command={value} label={name} />
              </div>
            ))}
            <Group justify="flex-end">
              <Button onClick={end}>{words.close}</Button>
            </Group>
          </>
        ) : (
          <>
            <Text>{words.body}</Text>
            {reveal.isError && <ProblemAlert title={words.failed} error={reveal.error} />}
            <Group justify="flex-end">
              <Button onClick={() => reveal.mutate()} loading={reveal.isPending} data-autofocus>
                {words.reveal}
              </Button>
            </Group>
          </>
        )}
      </Stack>
    </Modal>
  );
}
