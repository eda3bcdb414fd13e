import { Button, Group, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { usePoll } from "../live/LiveProvider";
import { SameWith } from "../parts/CommandLine";
import { Loaded } from "../parts/Loaded";
import { linkTo } from "../parts/linkTo";
import { useNotice } from "../parts/Notices";
import { Panel } from "../parts/Panel";
import { ProblemAlert } from "../parts/ProblemAlert";
import { ButtonLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import { resealQuery, useReseal } from "./api";
import { settingsText } from "./text";

const words = settingsText.reseal;
const POLL_MS = 5_000;

/** Seals all secrets with the present key, after another one was put first. */
export function ResealPanel({ mayAsk }: { mayAsk: boolean }) {
  const refetchInterval = usePoll(POLL_MS);
  const last = useQuery({ ...resealQuery, refetchInterval });
  const reseal = useReseal();
  const notify = useNotice();
  return (
    <Panel title={words.title} hint={words.hint}>
      <Loaded query={last} height={48}>
        {(job) => (
          <Group gap="sm">
            <Text size="sm">
              {words.last}:{" "}
              {job ? (
                <>
                  <TimeAgo at={job.ended_at ?? job.created_at} />, {words.state[job.state]}
                </>
              ) : (
                words.never
              )}
            </Text>
            {job && (
              <ButtonLink {...linkTo(`/jobs/${job.id}`)} variant="default" size="xs">
                {words.open}
              </ButtonLink>
            )}
            {mayAsk && (
              <Button
                size="xs"
                loading={reseal.isPending}
                onClick={() =>
                  reseal.mutate(undefined, {
                    onSuccess: () => notify({ tone: "blue", message: words.asked }),
                  })
                }
              >
                {words.submit}
              </Button>
            )}
          </Group>
        )}
      </Loaded>
      {mayAsk && <SameWith cli="gatewayctl keys rotate" />}
      {reseal.isError && <ProblemAlert error={reseal.error} />}
    </Panel>
  );
}
