import type { TenantStatus } from "../api/types";
import { Badge } from "../parts/Badge";
import { statusLooks } from "./statusLooks";

/** A tenant's status as icon, word and colour. */
export function StatusBadge({ status }: { status: TenantStatus }) {
  return <Badge look={statusLooks[status]} moving={status === "provisioning"} />;
}
