import type { HealthPart } from "../api/health";
import type { components } from "../api/schema";
import type { Tenant } from "../api/types";
import { duration } from "../time";
import { overviewText } from "./text";

type Schemas = components["schemas"];

const words = overviewText.attention;

/** Something that needs a person, with the page that shows more of it. */
export interface Finding {
  id: string;
  /** Things that fail now stand above what only waits. */
  tone: "red" | "orange" | "blue";
  title: string;
  hint: string | null;
  /** Where more of it is. */
  to: string;
  linkWords: string;
  /** What one button can do about it. */
  fix: { verb: "retry"; tenant: Tenant } | { verb: "repair"; tenants: string[] } | null;
}

/** All that is known; a part that did not answer, or may not be asked, is undefined. */
export interface Known {
  failed?: { items: Tenant[]; next_cursor: string | null } | undefined;
  drift?: Schemas["DriftList"] | undefined;
  orphans?: Schemas["OrphanList"] | undefined;
  pools?: Schemas["PoolList"] | undefined;
  servers?: Schemas["DatabaseServerList"] | undefined;
  traefik?: Schemas["TraefikHealth"] | undefined;
  signups?: Schemas["SignupList"] | undefined;
  jobs?: Schemas["Job"][] | undefined;
  ready?: HealthPart[] | undefined;
  capacity?: Schemas["Capacity"] | undefined;
}

/** Work that is due is taken within a poll of a worker; longer than this, none runs. */
const UNTAKEN_SECONDS = 120;

const ORDER = { red: 0, orange: 1, blue: 2 } as const;

/** What needs a person, the worst first. */
export function findWhatNeedsAttention(known: Known): Finding[] {
  const found = [
    ...ofReady(known.ready),
    ...ofQueue(known.capacity),
    ...ofFailed(known.failed),
    ...ofTraefik(known.traefik),
    ...ofServers(known.servers),
    ...ofPools(known.pools),
    ...ofDrift(known.drift),
    ...ofJobs(known.jobs),
    ...ofOrphans(known.orphans),
    ...ofSignups(known.signups),
  ];
  return found.toSorted((one, other) => ORDER[one.tone] - ORDER[other.tone]);
}

const plain = { hint: null, fix: null } as const;

const ofReady = (parts: Known["ready"] = []): Finding[] =>
  parts
    .filter(({ ok }) => !ok)
    .map(({ name, message }) => ({
      ...plain,
      id: `ready ${name}`,
      tone: "red",
      title: words.notReady(overviewText.health.parts[name] ?? name),
      hint: message,
      to: "/settings",
      linkWords: words.seeSettings,
    }));

function ofQueue(capacity: Known["capacity"]): Finding[] {
  const oldest = capacity?.queue.oldest_seconds ?? 0;
  if (!capacity || oldest < UNTAKEN_SECONDS || capacity.workers.length > 0) return [];
  return [
    {
      ...plain,
      id: "queue",
      tone: "red",
      title: words.noWorker,
      hint: words.noWorkerHint(duration(oldest * 1_000)),
      to: "/operations",
      linkWords: overviewText.operations.all,
    },
  ];
}

const ofFailed = (failed: Known["failed"]): Finding[] =>
  (failed?.items ?? []).map((tenant) => ({
    id: `tenant ${tenant.id}`,
    tone: "red",
    title: words.failedTenant(tenant.key),
    hint: tenant.error && words.failedAt(tenant.error.step, tenant.error.message),
    to: `/tenants/${tenant.key}`,
    linkWords: tenant.key,
    fix: { verb: "retry", tenant },
  }));

const ofTraefik = (traefik: Known["traefik"]): Finding[] =>
  (traefik?.troubles ?? []).map((trouble) => ({
    ...plain,
    id: `traefik ${trouble.code}`,
    tone: "red",
    title: words.traefik,
    hint: trouble.message,
    to: "/routes",
    linkWords: words.seeTraefik,
  }));

function ofServers(servers: Known["servers"]): Finding[] {
  return (servers?.items ?? []).flatMap(({ id, name, state, capacity, tenants }) => {
    const isFull = capacity !== null && tenants >= capacity;
    if (state === "active" && !isFull) return [];
    return {
      ...plain,
      id: `server ${id}`,
      tone: state === "offline" ? ("red" as const) : ("orange" as const),
      title: state === "active" ? words.serverFull(name) : words.serverAway(name, state),
      hint: words.serverHint,
      to: `/database-servers/${name}`,
      linkWords: words.seeServer,
    };
  });
}

function ofPools(pools: Known["pools"]): Finding[] {
  const items = pools?.items ?? [];
  const isFull = ({ capacity, tenants }: Schemas["Pool"]) => capacity !== null && tenants >= capacity;
  const open = items.filter((pool) => pool.state === "active" && !isFull(pool));
  const none: Finding[] =
    pools && items.length > 0 && open.length === 0
      ? [
          {
            ...plain,
            id: "pools",
            tone: "red",
            title: words.noPool,
            hint: words.noPoolHint,
            to: "/pools",
            linkWords: words.seePools,
          },
        ]
      : [];
  const full = items.filter((pool) => pool.state === "active" && isFull(pool));
  return [
    ...none,
    ...full.map(
      (pool): Finding => ({
        ...plain,
        id: `pool ${pool.id}`,
        tone: "orange",
        title: words.poolFull(pool.name),
        hint: words.poolFullHint(pool.tenants, pool.capacity ?? pool.tenants),
        to: `/pools/${pool.name}`,
        linkWords: words.seePool,
      }),
    ),
  ];
}

function ofDrift(drift: Known["drift"]): Finding[] {
  if (!drift) return [];
  const more = { to: "/drift", linkWords: words.seeDrift };
  const found: Finding[] = [];
  const { refused, unknown } = drift.look ?? { refused: null, unknown: [] };
  if (refused) {
    found.push({
      ...plain,
      ...more,
      id: "refused",
      tone: "red",
      title: words.driftRefused,
      hint: refused.message,
    });
  }
  if (unknown.length > 0) {
    const hint = unknown.map(({ source, message }) => (source ? `${source}: ${message}` : message)).join(" ");
    found.push({ ...plain, ...more, id: "unknown", tone: "orange", title: words.driftUnknown, hint });
  }
  const tenants = [...new Set(drift.items.map((item) => item.tenant_id))];
  if (tenants.length > 0) {
    const kinds = [...new Set(drift.items.map((item) => item.kind.replaceAll("_", " ")))].join(", ");
    found.push({
      ...more,
      id: "drift",
      tone: "orange",
      title: words.drift(tenants.length, drift.next_cursor !== null),
      hint: words.driftHint(kinds),
      fix: { verb: "repair", tenants },
    });
  }
  return found;
}

function ofJobs(jobs: Known["jobs"] = []): Finding[] {
  return jobs.flatMap((job): Finding[] => {
    const more = { ...plain, id: `job ${job.id}`, to: `/jobs/${job.id}` };
    if (job.state === "failed") {
      return [
        {
          ...more,
          tone: "orange",
          title: words.jobFailed(job.kind),
          hint: job.error_message,
          linkWords: words.seeJob,
        },
      ];
    }
    const violations = job.result?.violations;
    if (!Array.isArray(violations) || violations.length === 0) return [];
    return [{ ...more, tone: "red", title: words.verify(violations.length), linkWords: words.seeVerify }];
  });
}

const ofOrphans = (orphans: Known["orphans"]): Finding[] =>
  orphans && orphans.items.length > 0
    ? [
        {
          ...plain,
          id: "orphans",
          tone: "orange",
          title: words.orphans(orphans.items.length, orphans.next_cursor !== null),
          hint: words.orphansHint,
          to: "/orphans",
          linkWords: words.seeOrphans,
        },
      ]
    : [];

const ofSignups = (signups: Known["signups"]): Finding[] =>
  signups && signups.items.length > 0
    ? [
        {
          ...plain,
          id: "signups",
          tone: "blue",
          title: words.signups(signups.items.length, signups.next_cursor !== null),
          hint: words.signupsHint,
          to: "/signups?state=waiting_approval",
          linkWords: words.seeSignups,
        },
      ]
    : [];
