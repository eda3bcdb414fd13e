import { Code, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { SameWith } from "../parts/CommandLine";
import { Facts } from "../parts/Facts";
import { Page } from "../parts/Page";
import { Panel } from "../parts/Panel";
import { AnchorLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import { jobQuery } from "./api";
import { JobPanel } from "./JobPanel";
import { text } from "./text";
import type { Job } from "./types";

const route = getRouteApi("/signed-in/jobs/$id");

/** One job on the fleet: what it is for, how far it is, and its result. */
export function JobPage() {
  const { id } = route.useParams();
  const job = useQuery(jobQuery(id)).data;
  return (
    <Page title={job ? text.one.title(job.kind) : text.list.title}>
      <Stack gap="lg">
        <AnchorLink to="/jobs" size="sm">
          {text.one.all}
        </AnchorLink>
        {job && <Text>{text.kindMeaning[job.kind]}</Text>}
        <Panel title={text.one.result}>
          <JobPanel id={id} bare />
        </Panel>
        {job && <JobFacts job={job} />}
        <SameWith call={{ method: "GET", path: `/api/gateway/jobs/${id}` }} />
      </Stack>
    </Page>
  );
}

function JobFacts({ job }: { job: Job }) {
  const words = text.one;
  const parameters = Object.keys(job.parameters).length > 0;
  return (
    <Panel title={words.facts}>
      <Facts
        facts={[
          { name: words.by, value: job.requested_by },
          { name: words.worker, value: job.worker },
          { name: words.created, value: <TimeAgo at={job.created_at} /> },
          { name: words.started, value: job.started_at && <TimeAgo at={job.started_at} /> },
          { name: words.ended, value: job.ended_at && <TimeAgo at={job.ended_at} /> },
          {
            name: words.parameters,
            value: parameters ? <Code>{JSON.stringify(job.parameters)}</Code> : words.noParameters,
          },
          { name: words.id, value: <Code>{job.id}</Code>, copy: job.id },
        ]}
      />
    </Panel>
  );
}
