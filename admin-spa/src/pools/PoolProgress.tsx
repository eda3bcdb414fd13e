import { Alert, Group, Loader, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { AnchorLink } from "../parts/RouterLink";
import { isMoving, type Pool } from "./api";
import { text } from "./text";

const words = text.progress;

/** How far a worker is with what is wished of a managed pool; nothing where it is as wished. */
export function PoolProgress({ pool }: { pool: Pool }) {
  const { problem } = pool;
  if (problem) {
    return (
      <Alert
        variant="outline"
        color={problem.retried ? "var(--tone-orange)" : "var(--tone-red)"}
        icon={<IconAlertTriangle aria-hidden />}
        title={words.problem}
      >
        <Text size="sm">
          {problem.message} (<code>{problem.code}</code>)
        </Text>
        <Text size="sm">
          {problem.retried ? words.retried : words.notRetried}{" "}
          <AnchorLink to="/failure-codes" inherit>
            {words.codes}
          </AnchorLink>
        </Text>
      </Alert>
    );
  }
  if (!isMoving(pool)) return null;
  return (
    <Group gap="xs" wrap="nowrap" role="status">
      <Loader size="xs" aria-hidden />
      <Text size="sm">{pool.state === "deleting" ? words.deleting : words.moving}</Text>
    </Group>
  );
}
