import { Code, Group, Stack, Text } from "@mantine/core";
import classes from "./CommandLine.module.css";
import { CopyIcon } from "./CopyIcon";
import { partsText } from "./text";

/** A text to copy as it stands: a command, a setting, an id. */
export function CommandLine({ command, label }: { command: string; label: string }) {
  return (
    <Group gap={4} wrap="nowrap" align="flex-start" className={classes.line ?? ""}>
      <Code block className={classes.code ?? ""}>
        {command}
      </Code>
      <CopyIcon value={command} label={partsText.copyOf(label)} />
    </Group>
  );
}

interface SameWithProps {
  /** The line of `gatewayctl`. */
  cli?: string;
  /** The request, without the host: `POST /api/gateway/pools` and its body. */
  call?: { method: string; path: string; body?: unknown };
}

/** Quotes a word for a POSIX shell where it needs that. */
export const shellWord = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** How to do what this page does from a terminal, folded away. */
export function SameWith({ cli, call }: SameWithProps) {
  const curl =
    call &&
    [
      `curl -X ${call.method} ${shellWord(`${window.location.origin}${call.path}`)}`,
      `-H "authorization: Bearer $GATEWAY_API_KEY"`,
      ...(call.body === undefined
        ? []
        : [`-H 'content-type: application/json' -d ${shellWord(JSON.stringify(call.body))}`]),
    ].join(" \\\n  ");
  return (
    <details className={classes.same}>
      <summary>{partsText.sameWith}</summary>
      <Stack gap="xs" mt="xs">
        {cli && <CommandLine command={cli} label="gatewayctl" />}
        {curl && (
          <>
            <Text size="sm" c="dimmed">
              curl
            </Text>
            <CommandLine command={curl} label="curl" />
          </>
        )}
      </Stack>
    </details>
  );
}
