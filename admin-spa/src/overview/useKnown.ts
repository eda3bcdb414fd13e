import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { capacityQuery, readyQuery } from "../api/health";
import { usePoll } from "../live/LiveProvider";
import { traefikQuery } from "../routes/api";
import { useMay } from "../session/useMay";
import {
  driftQuery,
  failedQuery,
  firstPoolsQuery,
  firstServersQuery,
  jobsQuery,
  orphanQuery,
  waitingSignupsQuery,
} from "./api";
import type { Known } from "./findings";

/** What changes without an event, such as Traefik's health, is looked at this often. */
const POLL_MS = 15_000;

/** Everything the overview looks at, as far as the person may see it. */
export function useKnown(): { known: Known; isPending: boolean; isIncomplete: boolean } {
  const may = useMay();
  const refetchInterval = usePoll(POLL_MS, POLL_MS);
  const fleet = { enabled: may("fleet:read"), refetchInterval };
  const failed = useQuery({ ...failedQuery, enabled: may("tenants:read"), refetchInterval });
  const drift = useQuery({ ...driftQuery, ...fleet });
  const orphans = useQuery({ ...orphanQuery, ...fleet });
  const pools = useQuery({ ...firstPoolsQuery, ...fleet });
  const servers = useQuery({ ...firstServersQuery, ...fleet });
  const traefik = useQuery({ ...traefikQuery, ...fleet });
  const jobs = useQuery({ ...jobsQuery, ...fleet });
  const capacity = useQuery({ ...capacityQuery, ...fleet });
  const signups = useQuery({ ...waitingSignupsQuery, enabled: may("signups:read"), refetchInterval });
  const ready = useQuery({ ...readyQuery, refetchInterval });
  const all: readonly Pick<UseQueryResult, "isLoading" | "isError">[] = [
    failed,
    drift,
    orphans,
    pools,
    servers,
    traefik,
    jobs,
    capacity,
    signups,
    ready,
  ];
  return {
    known: {
      failed: failed.data,
      drift: drift.data,
      orphans: orphans.data,
      pools: pools.data,
      servers: servers.data,
      traefik: traefik.data,
      jobs: jobs.data,
      capacity: capacity.data,
      signups: signups.data,
      ready: ready.data,
    },
    isPending: all.some((query) => query.isLoading),
    isIncomplete: all.some((query) => query.isError),
  };
}
