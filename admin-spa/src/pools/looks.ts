import {
  IconCircleCheck,
  IconCircleX,
  IconDropletDown,
  IconLoader2,
  IconPlayerStop,
  IconTrash,
} from "@tabler/icons-react";
import type { Look } from "../parts/Badge";
import type { MemberState, PoolState } from "./api";
import { text } from "./text";

/** How each state of a pool looks. */
export const poolLooks: Record<PoolState, Look> = {
  active: { icon: IconCircleCheck, tone: "green", word: text.state.active },
  draining: { icon: IconDropletDown, tone: "orange", word: text.state.draining },
  stopped: { icon: IconPlayerStop, tone: "red", word: text.state.stopped },
  deleting: { icon: IconTrash, tone: "red", word: text.state.deleting },
};

/** How each state of a pool's member looks. */
export const memberLooks: Record<MemberState, Look> = {
  starting: { icon: IconLoader2, tone: "blue", word: text.memberState.starting },
  healthy: { icon: IconCircleCheck, tone: "green", word: text.memberState.healthy },
  unhealthy: { icon: IconCircleX, tone: "red", word: text.memberState.unhealthy },
  stopped: { icon: IconPlayerStop, tone: "grey", word: text.memberState.stopped },
};
