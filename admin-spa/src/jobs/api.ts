import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import type { CreateJob, Job } from "./types";

const PAGE_SIZE = 50;
const RUNNING_POLL_MS = 700;
const SETTLED_POLL_MS = 10_000;

/** Whether a job may still change. */
export const isOpen = (job: Pick<Job, "state">): boolean =>
  job.state === "pending" || job.state === "running";

/** A page of the jobs on the fleet, newest first, without their results. */
export const jobListQuery = (cursor: string | undefined) =>
  queryOptions({
    queryKey: ["jobs", "list", cursor ?? ""],
    queryFn: ({ signal }) =>
      unwrap(
        api.GET("/api/gateway/jobs", {
          params: { query: { limit: PAGE_SIZE, ...(cursor ? { cursor } : {}) } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: (query) => (query.state.data?.items.some(isOpen) ? RUNNING_POLL_MS : SETTLED_POLL_MS),
  });

/** One job with its result; followed closely until it ends. */
export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ["jobs", "one", id],
    queryFn: ({ signal }) => unwrap(api.GET("/api/gateway/jobs/{id}", { params: { path: { id } }, signal })),
    refetchInterval: (query) => {
      if (query.state.status === "error") return SETTLED_POLL_MS;
      const job = query.state.data;
      return job && !isOpen(job) ? false : RUNNING_POLL_MS;
    },
  });

/** What of the fleet a job may have changed by its end. */
const touched = ["drift", "orphans", "routes", "traefik", "capacity", "tenants"] as const;

function useAccepted() {
  const queries = useQueryClient();
  return (job: Job) => {
    queries.setQueryData(jobQuery(job.id).queryKey, job);
    void queries.invalidateQueries({ queryKey: ["jobs", "list"] });
  };
}

/** Has everything that a job may have changed looked at again. */
export function useAfterJob() {
  const queries = useQueryClient();
  return () => {
    for (const name of touched) void queries.invalidateQueries({ queryKey: [name] });
    void queries.invalidateQueries({ queryKey: ["jobs", "list"] });
  };
}

/** Asks for work on the whole fleet. */
export function useCreateJob() {
  const accepted = useAccepted();
  return useMutation({
    mutationFn: (body: CreateJob) => unwrap(api.POST("/api/gateway/jobs", { body })),
    onSuccess: accepted,
  });
}

/** Asks for Traefik's whole tree to be written again. */
export function useRepublish() {
  const accepted = useAccepted();
  return useMutation({
    mutationFn: () => unwrap(api.POST("/api/gateway/routes/republish")),
    onSuccess: accepted,
  });
}

/** Asks for a look at some tenants, or all of them, and for what is found to be repaired. */
export function useRepairDrift() {
  const accepted = useAccepted();
  return useMutation({
    mutationFn: (tenants: readonly string[] | null) =>
      unwrap(api.POST("/api/gateway/drift/repair", { body: tenants ? { tenants: [...tenants] } : {} })),
    onSuccess: accepted,
  });
}
