import { isOutside, readDecimal, readWhole } from "../fleet/wholeNumber";
import type { CreatePlan, EditPlan, Plan, PlanNetwork } from "./api";
import { text } from "./text";

/** The limits of a plan, in the order in which they are shown. */
export const limitNames = [
  "connection_limit",
  "statement_timeout_seconds",
  "idle_in_transaction_timeout_seconds",
  "memory_mib",
  "cpus",
  "pids",
] as const;
export type LimitName = (typeof limitNames)[number];

/** The range of each limit, as the API takes it. */
const ranges: Record<LimitName, { least: number; most: number; decimal?: boolean }> = {
  connection_limit: { least: 1, most: 10_000 },
  statement_timeout_seconds: { least: 1, most: 86_400 },
  idle_in_transaction_timeout_seconds: { least: 1, most: 86_400 },
  memory_mib: { least: 16, most: 1_048_576 },
  cpus: { least: 0.01, most: 1_024, decimal: true },
  pids: { least: 8, most: 1_000_000 },
};

/** What network the tenants of a plan can have, in the order in which it is offered. */
export const planNetworks: readonly PlanNetwork[] = ["per-tenant", "per-pool", "none"];

/** What a plan gives that says nothing of it, and one for dedicated tenants always. */
const OWN_NETWORK: PlanNetwork = "per-tenant";

/** The fields of a plan as they are typed. */
export type PlanValues = Record<LimitName | "name" | "title" | "tier" | "network", string>;

const NAME = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;

const read = (name: LimitName, typed: string) => (ranges[name].decimal ? readDecimal : readWhole)(typed);

const emptyLimits = Object.fromEntries(limitNames.map((name) => [name, ""])) as Record<LimitName, string>;

export const emptyPlan: PlanValues = { name: "", title: "", tier: "", network: OWN_NETWORK, ...emptyLimits };

/** What network the fields say: a container is on its tenant's own. */
export const networkOf = ({ tier, network }: Pick<PlanValues, "tier" | "network">): PlanNetwork =>
  tier === "dedicated" ? OWN_NETWORK : (network as PlanNetwork);

export function valuesOf(plan: Plan): PlanValues {
  const limits = limitNames.map((name) => [name, plan[name] === null ? "" : String(plan[name] ?? "")]);
  return {
    ...emptyPlan,
    name: plan.name,
    title: plan.title,
    tier: plan.tier ?? "",
    network: plan.network,
    ...Object.fromEntries(limits),
  };
}

/** What is wrong with a plan before it is sent. */
export function checkPlan(values: PlanValues): Partial<Record<keyof PlanValues, string>> {
  const faults: Partial<Record<keyof PlanValues, string>> = {};
  if (!NAME.test(values.name)) faults.name = text.form.nameWrong;
  if (values.title.trim() === "") faults.title = text.form.titleMissing;
  for (const name of limitNames) {
    const { least, most } = ranges[name];
    if (isOutside(read(name, values[name]), { least, most })) faults[name] = text.form.outside(least, most);
  }
  return faults;
}

/** A new plan from fields that are right. */
export function toCreate(values: PlanValues): CreatePlan {
  const given = limitNames.flatMap((name) => {
    const limit = read(name, values[name]);
    return typeof limit === "number" ? [[name, limit]] : [];
  });
  const network = networkOf(values);
  return {
    name: values.name,
    title: values.title.trim(),
    ...(values.tier ? { tier: values.tier as NonNullable<CreatePlan["tier"]> } : {}),
    ...(network === OWN_NETWORK ? {} : { network }),
    ...Object.fromEntries(given),
  };
}

/** What the fields change of a plan; empty when they change nothing. An emptied limit goes back to the settings. */
export function toEdit(values: PlanValues, plan: Plan): EditPlan {
  const changed = limitNames.flatMap((name) => {
    const limit = read(name, values[name]) ?? null;
    return limit === (plan[name] ?? null) ? [] : [[name, limit]];
  });
  const title = values.title.trim();
  const network = networkOf(values);
  return {
    ...(title === plan.title ? {} : { title }),
    ...(network === plan.network ? {} : { network }),
    ...Object.fromEntries(changed),
  };
}

/** One line of what an edit changes. */
export interface PlanChange {
  name: LimitName | "title" | "network";
  before: string;
  after: string;
}

/** What differs between a plan before and after. */
export function changesOf(before: Plan, after: Plan): PlanChange[] {
  const names = ["title", "network", ...limitNames] as const;
  return names.flatMap((name) => {
    const shown = (plan: Plan) => {
      if (name === "title") return plan.title;
      return name === "network" ? text.network[plan.network] : text.limitOf(name, plan[name] ?? null);
    };
    return shown(before) === shown(after) ? [] : [{ name, before: shown(before), after: shown(after) }];
  });
}

/** Whether a change makes work on the plan's tenants: another title does not. */
export const touchesTenants = (changes: readonly PlanChange[]): boolean =>
  changes.some(({ name }) => name !== "title");
