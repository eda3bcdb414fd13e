import { Text } from "@mantine/core";
import { asProblem } from "../api/problem";
import { ProblemAlert } from "../parts/ProblemAlert";
import { peopleText } from "./text";

/** The problem code of a change that would leave nobody who may do everything. */
const LAST_OWNER = "last_owner";

/** What the server said, with the reason in words where it keeps the last owner. */
export function Refused({ error }: { error: unknown }) {
  return (
    <>
      <ProblemAlert error={error} />
      {asProblem(error).code === LAST_OWNER && <Text size="sm">{peopleText.user.lastOwner}</Text>}
    </>
  );
}
