import { Alert, Text } from "@mantine/core";
import { IconEyeOff } from "@tabler/icons-react";
import { text } from "./text";
import type { Trouble } from "./types";

/** Places that could not be read, so that nothing is said about them. */
export function Troubles({ troubles }: { troubles: readonly Trouble[] }) {
  if (troubles.length === 0) return null;
  return (
    <Alert
      variant="outline"
      color="var(--tone-orange)"
      icon={<IconEyeOff aria-hidden />}
      title={text.unknownTitle}
    >
      <Text size="sm">{text.unknownBody}</Text>
      {troubles.map((trouble) => (
        <Text key={`${trouble.source} ${trouble.code}`} size="sm" className="wrap-anywhere">
          {trouble.source && <b>{trouble.source}: </b>}
          {trouble.message} <code>{trouble.code}</code>
        </Text>
      ))}
    </Alert>
  );
}
