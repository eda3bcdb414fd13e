import type { components } from "../src/api/schema";
import type { ApiKey, AuditEntry, Operation, Step, Tenant, User } from "../src/api/types";
import type { Entry } from "../src/palette/entries";
import { drift as sampleDrift, pool as samplePool } from "./fleetSamples";

type Pool = components["schemas"]["Pool"];
type Drift = components["schemas"]["Drift"];
type Capacity = components["schemas"]["Capacity"];

const AT = "2026-01-02T03:04:05Z";

export const tenant = (fields: Partial<Tenant> = {}): Tenant => ({
  id: "0190a0b0-0000-7000-8000-000000000001",
  key: "acme",
  company_name: "Acme Ltd",
  labels: {},
  notes: "",
  tier: "shared",
  plan: "default",
  status: "active",
  paused: false,
  host: "acme.localhost",
  url: "http://acme.localhost",
  pool_id: null,
  database: "t_1",
  server: "db:5432",
  network: "per-tenant",
  network_name: null,
  subnet: null,
  route_pinned: false,
  migration_version: 3,
  container_image: null,
  generation: 1,
  observed_generation: 1,
  attempt: 1,
  due_at: null,
  purge_at: null,
  reason: null,
  error: null,
  operation: null,
  created_at: AT,
  updated_at: AT,
  deleted_at: null,
  ...fields,
});

export const step = (fields: Partial<Step> = {}): Step => ({
  id: 1,
  step: "database",
  action: "ensure",
  attempt: 1,
  state: "succeeded",
  started_at: AT,
  ended_at: AT,
  duration_ms: 84,
  result: null,
  error: null,
  worker: "worker-1",
  ...fields,
});

export const operation = (fields: Partial<Operation> = {}): Operation => ({
  id: "0190a0b0-0000-7000-8000-000000000101",
  tenant_id: "0190a0b0-0000-7000-8000-000000000001",
  tenant_key: "acme",
  kind: "provision",
  state: "succeeded",
  attempt: 1,
  requested_by: "user:olga@example.com",
  created_at: AT,
  started_at: AT,
  ended_at: AT,
  reason: null,
  repair: false,
  error: null,
  steps: [],
  ...fields,
});

export const user = (fields: Partial<User> = {}): User => ({
  id: "0190a0b0-0000-7000-8000-000000000201",
  email: "olga@example.com",
  name: "Olga",
  role: "owner",
  state: "active",
  totp_enabled: false,
  invited_until: null,
  created_by: "first run",
  created_at: AT,
  last_login_at: AT,
  disabled_at: null,
  ...fields,
});

export const apiKey = (fields: Partial<ApiKey> = {}): ApiKey => ({
  id: "4fVq8ZkT0aBc",
  name: "billing",
  scopes: ["tenants:read"],
  tenants: null,
  pools: null,
  created_by: "user:olga@example.com",
  created_at: AT,
  expires_at: null,
  last_used_at: AT,
  rotated_at: null,
  former_until: null,
  revoked_at: null,
  ...fields,
});

export const auditEntry = (fields: Partial<AuditEntry> = {}): AuditEntry => ({
  id: 7,
  at: AT,
  actor: "user:olga@example.com",
  via: "session",
  address: "127.0.0.1",
  request_id: "request-7",
  call: "edit_tenant",
  path: "/api/gateway/tenants/acme",
  target: "tenant:0190a0b0-0000-7000-8000-000000000001",
  status: 200,
  code: null,
  before: { company_name: "Acme", plan: "default" },
  after: { company_name: "Acme Ltd", plan: "default" },
  digest: "ab".repeat(32),
  ...fields,
});

export const pool = (fields: Partial<Pool> = {}): Pool =>
  samplePool({
    id: "0190a0b0-0000-7000-8000-000000000301",
    name: "default",
    backend_url: "http://app:8080",
    members: ["http://app:8080"],
    weight: 1,
    from_settings: true,
    tenants: 2,
    ...fields,
  });

export const drift = (fields: Partial<Drift> = {}): Drift =>
  sampleDrift({
    tenant_id: "0190a0b0-0000-7000-8000-000000000001",
    kind: "route_missing",
    what: "route",
    wanted: null,
    observed: null,
    ...fields,
  });

const amount = { used: 0, limit: null, free: null, measured_at: null };

export const capacity = (queue: Partial<Capacity["queue"]> = {}): Capacity => ({
  at: AT,
  subnets: { block: "10.64.0.0/12", quarantined: 0, amount },
  servers: [],
  pools: [],
  networks: amount,
  containers: amount,
  queue: { due: 0, behind: 0, later: 0, claimed: 0, paused: 0, oldest_seconds: null, ...queue },
  workers: [],
});

/** A page as the palette lists it. */
export const entry = (label: string, also = ""): Entry => ({
  id: label,
  group: "page",
  label,
  also,
  go: { to: "/" },
});
