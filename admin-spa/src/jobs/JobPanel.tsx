import { Group, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef } from "react";
import { ProblemError } from "../api/problem";
import { useAnnounce } from "../parts/Announcer";
import { Badge } from "../parts/Badge";
import { Loaded } from "../parts/Loaded";
import { ProblemAlert } from "../parts/ProblemAlert";
import { AnchorLink } from "../parts/RouterLink";
import { useNow } from "../parts/useNow";
import { between, duration } from "../time";
import { isOpen, jobQuery, useAfterJob } from "./api";
import { JobResult } from "./JobResult";
import { jobLooks } from "./looks";
import { text } from "./text";
import type { Job } from "./types";

const TICK_MS = 500;

interface JobPanelProps {
  id: string;
  /** Leaves out the link to the job's own page. */
  bare?: boolean;
  /** Shown below what a job that succeeded has found. */
  children?: (job: Job) => ReactNode;
}

/** One job, followed until it ends, and what it found or did. */
export function JobPanel({ id, bare = false, children }: JobPanelProps) {
  const query = useQuery(jobQuery(id));
  useFollow(query.data);
  return (
    <Loaded query={query}>
      {(job) => (
        <Stack gap="sm">
          <JobLine job={job} bare={bare} />
          {job.state === "failed" && (
            <ProblemAlert
              error={new ProblemError({ status: 0, title: text.failed, detail: job.error_message ?? null })}
            />
          )}
          {job.state === "succeeded" && (
            <>
              <JobResult job={job} />
              {children?.(job)}
            </>
          )}
        </Stack>
      )}
    </Loaded>
  );
}

function JobLine({ job, bare }: { job: Job; bare: boolean }) {
  const open = isOpen(job);
  const now = useNow(open ? TICK_MS : 0);
  const length = job.started_at ? duration(between(job.started_at, job.ended_at, now)) : null;
  return (
    <Group gap="sm">
      <Badge look={jobLooks[job.state]} moving={job.state === "running"} />
      {open && (
        <Text component="span" size="sm" c="dimmed">
          {job.state === "pending" ? text.waiting : text.running(job.worker ?? null)}
        </Text>
      )}
      {length && (
        <Text component="span" size="sm" c="dimmed" className="numeric">
          {open ? text.runningFor(length) : text.tookLong(length)}
        </Text>
      )}
      {!bare && (
        <AnchorLink to="/jobs/$id" params={{ id: job.id }} size="sm">
          {text.openJob}
        </AnchorLink>
      )}
    </Group>
  );
}

/** Says how the job ended, and has what it may have changed looked at again. */
function useFollow(job: Job | undefined) {
  const announce = useAnnounce();
  const after = useAfterJob();
  const before = useRef<Job>(undefined);
  useEffect(() => {
    const last = before.current;
    before.current = job;
    if (!job || !last || last.id !== job.id || last.state === job.state || isOpen(job)) return;
    announce(text.announce(job.kind, job.state));
    after();
  }, [job, announce, after]);
}
