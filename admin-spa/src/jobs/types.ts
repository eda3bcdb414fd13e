import type { components } from "../api/schema";

type Schemas = components["schemas"];

export type Job = Schemas["Job"];
export type JobKind = Job["kind"];
export type JobState = Job["state"];
export type CreateJob = Schemas["CreateJob"];
export type OrphanKind = Schemas["OrphanKind"];

/** A place that could not be looked at. */
export interface Trouble {
  source?: string | null;
  code: string;
  message: string;
}

interface Violation {
  invariant: string;
  tenant_id: string | null;
  tenant_key: string | null;
  what: string;
  expected: unknown;
  found: unknown;
}

/** What a job of the kind verify found. */
export interface VerifyResult {
  checked_at?: string;
  tenants: number;
  settling: readonly string[];
  violations: readonly Violation[];
  unknown: readonly Trouble[];
  skipped: readonly string[];
}

interface FoundDrift {
  tenant_id: string;
  tenant_key: string;
  kind: string;
  what: string;
  wanted?: string | null;
  observed?: string | null;
  repaired: boolean;
}

interface NamedObject {
  kind: string;
  place: string;
  name: string;
  why?: string;
}

/** What a job of the kind reconcile found and did. */
export interface ReconcileResult {
  tenants: number;
  drift: readonly FoundDrift[];
  orphans: readonly NamedObject[];
  refused: Trouble | null;
  unknown: readonly Trouble[];
  republished?: {
    tenants: number;
    keys: number;
    removed: number;
    unsettled: number;
    fenced: readonly string[];
  };
}

/** What a job of the kind collect removed, or would remove. */
export interface CollectResult {
  dry_run: boolean;
  collected: readonly NamedObject[];
  kept: readonly NamedObject[];
}

/** What a job of the kind reseal did. */
export interface ResealResult {
  dry_run: boolean;
  key: string;
  resealed: number;
  unreadable: number;
  sealed_by: Readonly<Record<string, number>>;
}
