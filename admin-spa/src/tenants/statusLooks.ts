import {
  IconAlertTriangle,
  IconCircleCheck,
  IconClock,
  IconFlame,
  IconLoader2,
  IconPlayerPause,
  IconTrash,
  IconTrashX,
} from "@tabler/icons-react";
import type { TenantStatus } from "../api/types";
import type { Look } from "../parts/Badge";
import { text } from "../text";

/** How each status looks. A status the API gains fails the type check here until it has a look. */
export const statusLooks: Record<TenantStatus, Look> = {
  pending: { icon: IconClock, tone: "orange", word: text.status.pending },
  provisioning: { icon: IconLoader2, tone: "blue", word: text.status.provisioning },
  active: { icon: IconCircleCheck, tone: "green", word: text.status.active },
  suspended: { icon: IconPlayerPause, tone: "grey", word: text.status.suspended },
  deleting: { icon: IconTrash, tone: "orange", word: text.status.deleting },
  purging: { icon: IconFlame, tone: "red", word: text.status.purging },
  deleted: { icon: IconTrashX, tone: "grey", word: text.status.deleted },
  error: { icon: IconAlertTriangle, tone: "red", word: text.status.error },
};

/** Every status, in the order of a tenant's life. */
export const statuses = Object.keys(statusLooks) as TenantStatus[];
