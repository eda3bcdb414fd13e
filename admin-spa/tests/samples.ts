import type { Operation, Step, Tenant } from "../src/api/types";

const AT = "2026-01-02T03:04:05Z";

export const tenant = (fields: Partial<Tenant> = {}): Tenant => ({
  id: "0190a0b0-0000-7000-8000-000000000001",
  key: "acme",
  company_name: "Acme Ltd",
  tier: "shared",
  status: "active",
  paused: false,
  host: "acme.localhost",
  url: "http://acme.localhost",
  pool_id: null,
  database: "t_1",
  server: "db:5432",
  subnet: null,
  migration_version: 3,
  container_image: null,
  generation: 1,
  observed_generation: 1,
  attempt: 1,
  due_at: null,
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
  error: null,
  steps: [],
  ...fields,
});
