import { IconCircleCheck, IconDropletDown, IconPlayerStop, IconTrash } from "@tabler/icons-react";
import type { Look } from "../parts/Badge";
import type { PoolState } from "./api";
import { text } from "./text";

/** How each state of a pool looks. */
export const poolLooks: Record<PoolState, Look> = {
  active: { icon: IconCircleCheck, tone: "green", word: text.state.active },
  draining: { icon: IconDropletDown, tone: "orange", word: text.state.draining },
  stopped: { icon: IconPlayerStop, tone: "red", word: text.state.stopped },
  deleting: { icon: IconTrash, tone: "red", word: text.state.deleting },
};
