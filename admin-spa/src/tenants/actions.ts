import type { TenantAction } from "../api/tenants";
import type { Tenant, TenantStatus } from "../api/types";

type Verb = TenantAction["verb"];

/** What may be asked for in each status. The server decides; this only keeps pointless buttons away. */
const offers: Record<TenantStatus, readonly Verb[]> = {
  pending: ["delete"],
  provisioning: ["delete"],
  active: ["suspend", "delete"],
  suspended: ["reactivate", "delete"],
  deleting: [],
  deleted: [],
  error: ["delete"],
};

/** Whether work failed for good, or failed and waits for its next attempt: both can be tried again at once. */
function canRetry({ status, operation, error }: Pick<Tenant, "status" | "operation" | "error">): boolean {
  if (status === "error") return true;
  if (status !== "pending" && status !== "suspended" && status !== "deleting") return false;
  return operation?.state === "failed" || (error !== null && operation?.state === "pending");
}

/** What is worth a button for this tenant now. */
export const offeredActions = (tenant: Pick<Tenant, "status" | "operation" | "error">): readonly Verb[] =>
  canRetry(tenant) ? ["retry", ...offers[tenant.status]] : offers[tenant.status];

/** Whether deleting it now would take it away from under its users. */
export const deletionNeedsForce = (tenant: Pick<Tenant, "status">): boolean => tenant.status === "active";
