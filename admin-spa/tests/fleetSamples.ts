import type { Drift } from "../src/drift/api";
import type { Job } from "../src/jobs/types";
import type { Plan } from "../src/plans/api";
import type { Pool, PoolMember } from "../src/pools/api";
import type { Route, TraefikHealth, TraefikSight } from "../src/routes/types";
import type { DatabaseServer } from "../src/servers/api";

const AT = "2026-01-02T03:04:05Z";
const ID = "0190a0b0-0000-7000-8000-0000000000";

export const pool = (fields: Partial<Pool> = {}): Pool => ({
  id: `${ID}a1`,
  name: "eu-1",
  backend_url: "http://10.0.0.5:8080/",
  members: ["http://10.0.0.5:8080/"],
  healthy_members: 1,
  managed: false,
  image: null,
  replicas: null,
  port: null,
  environment: [],
  memory_mib: null,
  cpus: null,
  pids: null,
  revision: 0,
  observed_revision: 0,
  problem: null,
  state: "active",
  capacity: null,
  weight: 100,
  from_settings: false,
  tenants: 0,
  created_at: AT,
  ...fields,
});

export const managedPool = (fields: Partial<Pool> = {}): Pool =>
  pool({
    managed: true,
    image: "registry.example.com/app:1.4",
    replicas: 2,
    healthy_members: 2,
    members: ["http://10.64.0.2:8080/", "http://10.64.0.3:8080/"],
    revision: 3,
    observed_revision: 3,
    ...fields,
  });

export const poolMember = (fields: Partial<PoolMember> = {}): PoolMember => ({
  url: "http://10.0.0.5:8080/",
  state: "healthy",
  since: AT,
  used: true,
  container_id: null,
  image_id: null,
  ...fields,
});

export const server = (fields: Partial<DatabaseServer> = {}): DatabaseServer => ({
  id: `${ID}b1`,
  name: "default",
  address: "db.internal:5432",
  state: "active",
  capacity: null,
  weight: 100,
  overcommit: null,
  region: "",
  from_settings: true,
  reached_at: AT,
  problem: null,
  max_connections: 100,
  reserved_connections: 3,
  databases: 1,
  database_bytes: 7_700_000,
  tenants: 0,
  created_at: AT,
  ...fields,
});

export const plan = (fields: Partial<Plan> = {}): Plan => ({
  name: "gold",
  title: "Gold",
  tier: null,
  connection_limit: null,
  statement_timeout_seconds: 60,
  idle_in_transaction_timeout_seconds: 60,
  memory_mib: null,
  cpus: null,
  pids: null,
  network: "per-tenant",
  tenants: 0,
  created_at: AT,
  updated_at: AT,
  ...fields,
});

export const job = (fields: Partial<Job> = {}): Job => ({
  id: `${ID}c1`,
  kind: "reconcile",
  state: "pending",
  parameters: {},
  requested_by: "user:olga@example.com",
  worker: null,
  created_at: AT,
  started_at: null,
  ended_at: null,
  error_message: null,
  ...fields,
});

export const drift = (fields: Partial<Drift> = {}): Drift => ({
  tenant_id: `${ID}d1`,
  tenant_key: "acme",
  tenant_status: "active",
  kind: "route_differs",
  what: "the route of acme was changed",
  wanted: "a",
  observed: "b",
  repair: "left",
  first_seen_at: AT,
  ...fields,
});

export const sight = (fields: Partial<TraefikSight> = {}): TraefikSight => ({
  known: true,
  seen_at: AT,
  since: AT,
  code: null,
  message: null,
  ...fields,
});

export const traefik = (fields: Partial<TraefikHealth> = {}): TraefikHealth => ({
  healthy: true,
  sight: sight(),
  version: "3.7.15",
  started_at: AT,
  entry_points: [{ name: "web", address: ":80", of_tenants: true }],
  providers: ["Redis"],
  routers: { total: 3, warnings: 0, errors: 0 },
  services: { total: 3, warnings: 0, errors: 0 },
  middlewares: { total: 1, warnings: 0, errors: 0 },
  sentinel_held: true,
  sentinel_since: AT,
  changes: { looked_at: AT, written: 42, loaded: 42, waiting_since: null },
  fallback_served: true,
  troubles: [],
  ...fields,
});

export const route = (fields: Partial<Route> = {}): Route => ({
  tenant_id: `${ID}d1`,
  tenant_key: "acme",
  tenant_status: "active",
  state: "published",
  wanted: null,
  held: null,
  differences: [],
  ...fields,
});
