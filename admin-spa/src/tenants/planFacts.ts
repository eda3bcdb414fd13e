import type { Plan } from "../plans/api";
import { text } from "../text";
import { tenantsText } from "./text";

/** What a plan allows, in words; containers only for those who have one. */
export function planFacts(plan: Plan, container: boolean) {
  const { limits, atMost, seconds, mebibytes, fromSettings } = tenantsText.plan;
  const given = (value: number | null, say: (value: number) => string) =>
    value === null ? fromSettings : say(value);
  return [
    { name: limits.connections, value: given(plan.connection_limit, atMost) },
    { name: limits.statement, value: seconds(plan.statement_timeout_seconds) },
    { name: limits.idle, value: seconds(plan.idle_in_transaction_timeout_seconds) },
    { name: limits.network, value: text.tenant.network[container ? "per-tenant" : plan.network] },
    ...(container
      ? [
          { name: limits.memory, value: given(plan.memory_mib, mebibytes) },
          { name: limits.cpus, value: given(plan.cpus, (value) => `${value}`) },
          { name: limits.pids, value: given(plan.pids, atMost) },
        ]
      : []),
  ];
}
