import { HttpResponse, http } from "msw";
import type { Plan } from "../src/plans/api";
import type { Pool } from "../src/pools/api";

const AT = "2026-01-02T03:04:05Z";

export const pool = (fields: Partial<Pool> = {}): Pool => ({
  id: "0190a0b0-0000-7000-8000-000000000201",
  name: "eu",
  backend_url: "http://app:8080",
  members: ["http://app:8080"],
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
  capacity: 100,
  weight: 1,
  from_settings: false,
  tenants: 3,
  created_at: AT,
  ...fields,
});

export const plan = (fields: Partial<Plan> = {}): Plan => ({
  name: "default",
  title: "Default",
  tier: null,
  connection_limit: null,
  statement_timeout_seconds: 60,
  idle_in_transaction_timeout_seconds: 60,
  memory_mib: null,
  cpus: null,
  pids: null,
  tenants: 1,
  created_at: AT,
  updated_at: AT,
  ...fields,
});

const page = (items: readonly unknown[], more: object = {}) =>
  HttpResponse.json({ items, next_cursor: null, ...more });

/** What pages about tenants ask of the fleet: one pool, one plan, nothing that drifts, nothing that happened. */
export const fleet = (pools: readonly Pool[] = [pool()], plans: readonly Plan[] = [plan()]) => [
  http.get("*/api/gateway/pools", () => page(pools)),
  http.get("*/api/gateway/plans", () => page(plans)),
  http.get("*/api/gateway/database-servers", () => page([])),
  http.get("*/api/gateway/drift", () => page([], { look: null })),
  http.get("*/api/gateway/events", () => page([], { next_cursor: "0" })),
  http.get("*/api/gateway/audit", () => page([])),
  http.get("*/api/gateway/operations", () => page([])),
];
