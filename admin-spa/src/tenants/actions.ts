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
  error: ["retry", "delete"],
};

export const offeredActions = (tenant: Pick<Tenant, "status">): readonly Verb[] => offers[tenant.status];

/** Whether deleting it now would take it away from under its users. */
export const deletionNeedsForce = (tenant: Pick<Tenant, "status">): boolean => tenant.status === "active";
