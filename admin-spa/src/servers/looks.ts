import { IconCircleCheck, IconDropletDown, IconPlugConnectedX } from "@tabler/icons-react";
import type { Look } from "../parts/Badge";
import type { ServerState } from "./api";
import { text } from "./text";

/** How each state of a database server looks. */
export const serverLooks: Record<ServerState, Look> = {
  active: { icon: IconCircleCheck, tone: "green", word: text.state.active },
  draining: { icon: IconDropletDown, tone: "orange", word: text.state.draining },
  offline: { icon: IconPlugConnectedX, tone: "red", word: text.state.offline },
};
