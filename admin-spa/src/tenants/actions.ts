import { isOpen } from "../api/operations";
import type { TenantAction } from "../api/tenants";
import type { Operation, Tenant, TenantStatus } from "../api/types";

type Verb = TenantAction["verb"];

/** What may be asked for in each status. The server decides; this only keeps pointless buttons away. */
const offers: Record<TenantStatus, readonly Verb[]> = {
  pending: ["pause", "delete"],
  provisioning: ["pause", "delete"],
  active: ["suspend", "rotate", "pause", "delete"],
  suspended: ["reactivate", "rotate", "pause", "delete"],
  deleting: ["undelete", "pause", "delete"],
  purging: ["pause"],
  deleted: [],
  error: ["pause", "delete"],
};

/** Whether work failed for good, or failed and waits for its next attempt: both can be tried again at once. */
function canRetry({ status, operation, error }: Pick<Tenant, "status" | "operation" | "error">): boolean {
  if (status === "error") return true;
  if (status === "active" || status === "provisioning" || status === "deleted") return false;
  return operation?.state === "failed" || (error !== null && operation?.state === "pending");
}

/** What is worth a button for this tenant now. */
export function offeredActions(
  tenant: Pick<Tenant, "status" | "operation" | "error" | "paused">,
): readonly Verb[] {
  const verbs = offers[tenant.status].map((verb) => (verb === "pause" && tenant.paused ? "resume" : verb));
  return canRetry(tenant) ? ["retry", ...verbs] : verbs;
}

/** Whether deleting it now would take it away from under its users. */
export const deletionNeedsForce = (tenant: Pick<Tenant, "status">): boolean => tenant.status === "active";

/** Whether it is deleted already, so that only the removal of its data is left to ask for. */
export const isBeingDeleted = (tenant: Pick<Tenant, "status">): boolean => tenant.status === "deleting";

const cancellable: ReadonlySet<Operation["kind"]> = new Set([
  "provision",
  "reconverge",
  "reactivate",
  "rotate",
  "move",
  "undelete",
]);

/** Whether this work can be called off. The server decides. */
export const canCancel = ({ kind, state }: Pick<Operation, "kind" | "state">): boolean =>
  isOpen({ state }) && cancellable.has(kind);
