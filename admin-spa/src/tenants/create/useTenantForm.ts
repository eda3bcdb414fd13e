import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem, type ProblemError } from "../../api/problem";
import { freeKeyQuery, keyHolderQuery, plannedTenantQuery } from "../../api/tenants";
import type { CreateTenant, FieldError, Tier } from "../../api/types";
import type { Pair } from "../../parts/PairFields";
import { DEFAULT_PLAN } from "../../plans/api";
import { keyReasons } from "../keyRules";
import { labelsOf } from "../LabelFields";
import { placeErrors, placeInside } from "../pointers";
import { tenantsText } from "../text";
import { keyFrom, keySuggestions } from "./keySuggestions";

const words = tenantsText.create;
const TYPING_PAUSE_MS = 300;
const PREVIEW_PAUSE_MS = 600;

/** What is typed so far. */
export interface Typed {
  company: string;
  key: string;
  tier: Tier;
  plan: string;
  /** The id of a pool; empty leaves the choice to the gateway. */
  pool: string;
  host: string;
  labels: readonly Pair[];
  notes: string;
}

const FIELDS = ["company_name", "key", "tier", "plan", "pool_id", "host", "labels", "notes"] as const;
export type Field = (typeof FIELDS)[number];

const empty: Typed = {
  company: "",
  key: "",
  tier: "shared",
  plan: DEFAULT_PLAN,
  pool: "",
  host: "",
  labels: [],
  notes: "",
};

/** What is sent: fields left alone are left out, so that the gateway's own choice holds. */
function bodyOf(typed: Typed): CreateTenant {
  const labels = labelsOf(typed.labels);
  return {
    key: typed.key,
    company_name: typed.company.trim(),
    tier: typed.tier,
    ...(typed.plan !== DEFAULT_PLAN ? { plan: typed.plan } : {}),
    ...(typed.pool && typed.tier === "shared" ? { pool_id: typed.pool } : {}),
    ...(typed.host.trim() ? { host: typed.host.trim() } : {}),
    ...(Object.keys(labels).length > 0 ? { labels } : {}),
    ...(typed.notes.trim() ? { notes: typed.notes } : {}),
  };
}

/** Refusals that are about one field without saying so by a pointer. */
const fieldOfCode: Record<string, Field> = {
  key_taken: "key",
  host_taken: "host",
  pool_not_found: "pool_id",
  pool_full: "pool_id",
  pool_closed: "pool_id",
  plan_not_found: "plan",
};

/** A refusal sorted by fields; `rest` is what belongs to none and has to be told apart from them. */
function sorted(problem: ProblemError | null) {
  const errors: readonly FieldError[] = problem?.errors ?? [];
  const field = problem && fieldOfCode[problem.code];
  const all =
    problem && field && errors.length === 0
      ? [{ pointer: `/${field}`, code: problem.code, message: problem.detail ?? problem.title }]
      : errors;
  const { placed, rest } = placeErrors(all, FIELDS);
  const labels = placeInside(rest, "labels");
  return { placed, labels: labels.placed, rest: labels.rest, any: all.length > 0 };
}

/** The form of a new tenant: what is typed, what is wrong with it, and what the gateway would make of it. */
export function useTenantForm(failure: ProblemError | null) {
  const [typed, setTyped] = useState<Typed>(empty);
  const [keyTouched, setKeyTouched] = useState(false);
  const [submitted, setSubmitted] = useState(false);
  // Fields changed since the last answer: what the server said about them no longer holds.
  const [edited, setEdited] = useState<readonly Field[]>([]);

  const change = (field: Field, part: Partial<Typed>) => {
    setEdited((before) => [...before, field]);
    setTyped((before) => {
      const next = { ...before, ...part };
      // Until somebody writes a key, it follows the company's name.
      return field === "company_name" && !keyTouched ? { ...next, key: keyFrom(next.company) } : next;
    });
    if (field === "key") setKeyTouched(true);
  };

  const reasons = keyReasons(typed.key);
  const [settledKey] = useDebouncedValue(typed.key, TYPING_PAUSE_MS);
  const asked = settledKey === typed.key && reasons.length === 0;
  const holderQuery = useQuery({ ...keyHolderQuery(settledKey), enabled: asked });
  const holder = asked ? (holderQuery.data ?? null) : null;
  const isFree = asked && holderQuery.isSuccess && holder === null;
  const candidates = keySuggestions(typed.company, typed.key);
  const needsOther = (holder !== null || reasons.length > 0) && typed.key !== "" && candidates.length > 0;
  const suggestion = useQuery({ ...freeKeyQuery(candidates), enabled: needsOther }).data;

  const ready = isFree && typed.company.trim() !== "";
  const body = bodyOf(typed);
  const [settledBody] = useDebouncedValue(JSON.stringify(body), PREVIEW_PAUSE_MS);
  const isSettled = settledBody === JSON.stringify(body);
  const planned = useQuery({ ...plannedTenantQuery(body), enabled: ready && isSettled });
  const foreseen = ready && isSettled && planned.isError ? sorted(asProblem(planned.error)) : null;

  const refused = sorted(failure);
  const fromServer = (field: Field): string | undefined =>
    (edited.includes(field) ? undefined : refused.placed[field]) ?? foreseen?.placed[field];

  const errors: Partial<Record<Field, string | undefined>> = {
    company_name: submitted && !typed.company.trim() ? words.companyMissing : fromServer("company_name"),
    key: keyError(),
    tier: fromServer("tier"),
    plan: fromServer("plan"),
    pool_id: fromServer("pool_id"),
    host: fromServer("host"),
    labels: fromServer("labels"),
    notes: fromServer("notes"),
  };

  function keyError(): string | undefined {
    if (typed.key === "") return submitted ? words.keyMissing : undefined;
    if (reasons.length > 0) return reasons.join(" ");
    return holder ? words.keyTaken(holder.company_name) : fromServer("key");
  }

  return {
    typed,
    change,
    errors,
    labelErrors: { ...foreseen?.labels, ...(edited.includes("labels") ? {} : refused.labels) },
    isFree,
    suggestion: needsOther ? suggestion : undefined,
    body,
    ready,
    planned,
    /** What of the last refusal belongs to no field; null where all of it stands at its fields. */
    unplaced:
      failure && (refused.rest.length > 0 || !refused.any) ? { problem: failure, rest: refused.rest } : null,
    /** The first field that keeps the form from being sent. */
    blocking: (): Field | undefined => {
      setSubmitted(true);
      setEdited([]);
      if (!typed.company.trim()) return "company_name";
      return reasons.length > 0 || holder !== null ? "key" : undefined;
    },
    /** The first field a refusal is about. */
    firstRefused: (problem: ProblemError): Field | undefined => {
      const { placed } = sorted(problem);
      return FIELDS.find((field) => placed[field]);
    },
  };
}

export type TenantForm = ReturnType<typeof useTenantForm>;
