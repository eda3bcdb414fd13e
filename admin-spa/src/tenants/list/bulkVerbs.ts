import type { BatchVerb } from "../../api/batches";

/** What can be asked of many tenants, those used most first. */
export const bulkVerbs = [
  "suspend",
  "reactivate",
  "retry",
  "pause",
  "resume",
  "move",
  "rotate_credentials",
  "undelete",
  "delete",
] as const satisfies readonly BatchVerb[];

export type BulkVerb = (typeof bulkVerbs)[number];

/** What takes service, data or passwords away: the number of tenants has to be typed. */
export const destructive: ReadonlySet<BulkVerb> = new Set(["suspend", "rotate_credentials", "delete"]);

/** What stands in the bar itself; the others are in its menu. */
export const frequent: readonly BulkVerb[] = ["suspend", "reactivate", "retry"];
