import { Alert, Text } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { AnchorLink } from "../parts/RouterLink";
import { text } from "./text";

/** Why workers do not reach a server. */
export function ServerProblem({ problem }: { problem: string }) {
  const words = text.problem;
  const isUnheld = problem === "no_credential";
  return (
    <Alert
      variant="outline"
      color="var(--tone-red)"
      icon={<IconAlertTriangle aria-hidden />}
      title={isUnheld ? words.unheld : words.unreached}
    >
      <Text size="sm">
        {isUnheld ? words.unheldMeaning : words.unreachedMeaning} (<code>{problem}</code>){" "}
        <AnchorLink to="/failure-codes" inherit>
          {words.codes}
        </AnchorLink>
      </Text>
    </Alert>
  );
}
