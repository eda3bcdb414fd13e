import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconLink, IconLinkOff } from "@tabler/icons-react";
import { CommandLine } from "../parts/CommandLine";
import { ProblemAlert } from "../parts/ProblemAlert";
import { useCheckAudit } from "./api";
import { auditText } from "./text";

/** Has the server compute all digests of the log anew, and says whether they fit. */
export function ChainCheck() {
  const check = useCheckAudit();
  const found = check.data;
  return (
    <Stack align="flex-start" gap="sm">
      <Group>
        <Button variant="default" loading={check.isPending} onClick={() => check.mutate()}>
          {auditText.check}
        </Button>
      </Group>
      {check.isError && <ProblemAlert error={check.error} />}
      {found && (
        <Alert
          variant="outline"
          color={found.whole ? "var(--tone-green)" : "var(--tone-red)"}
          icon={found.whole ? <IconLink aria-hidden /> : <IconLinkOff aria-hidden />}
          role={found.whole ? "status" : "alert"}
        >
          <Stack gap="xs">
            <Text size="sm">
              {found.whole ? auditText.whole(found.entries) : auditText.broken(found.broken_at, found.why)}
            </Text>
            <CommandLine command={found.digest} label={auditText.digest.toLowerCase()} />
            <Text size="sm" c="dimmed">
              {auditText.digestHint}
            </Text>
          </Stack>
        </Alert>
      )}
    </Stack>
  );
}
