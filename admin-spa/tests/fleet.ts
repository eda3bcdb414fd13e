import { HttpResponse, http } from "msw";
import type { Plan } from "../src/plans/api";
import type { Pool } from "../src/pools/api";
import { plan as samplePlan, pool as samplePool } from "./fleetSamples";

/** A pool as the lists of tenants name it. */
export const pool = (fields: Partial<Pool> = {}): Pool =>
  samplePool({
    id: "0190a0b0-0000-7000-8000-000000000201",
    name: "eu",
    backend_url: "http://app:8080",
    members: ["http://app:8080"],
    capacity: 100,
    weight: 1,
    tenants: 3,
    ...fields,
  });

/** The plan that every tenant has who asks for no other. */
export const plan = (fields: Partial<Plan> = {}): Plan =>
  samplePlan({ name: "default", title: "Default", tenants: 1, ...fields });

const page = (items: readonly unknown[], more: object = {}) =>
  HttpResponse.json({ items, next_cursor: null, ...more });

/** What pages about tenants ask of the fleet: one pool, one plan, nothing that drifts, nothing that happened. */
export const fleet = (pools: readonly Pool[] = [pool()], plans: readonly Plan[] = [plan()]) => [
  http.get("*/api/gateway/pools", () => page(pools)),
  http.get("*/api/gateway/plans", () => page(plans)),
  http.get("*/api/gateway/database-servers", () => page([])),
  http.get("*/api/gateway/drift", () => page([], { look: null })),
  http.get("*/api/gateway/events", () => page([], { next_cursor: "0", end: "0" })),
  http.get("*/api/gateway/audit", () => page([])),
  http.get("*/api/gateway/operations", () => page([])),
];
