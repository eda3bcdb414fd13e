import { IconCircleCheck, IconCircleX, IconClock, IconLoader2 } from "@tabler/icons-react";
import type { Look } from "../parts/Badge";
import { text } from "./text";
import type { JobState } from "./types";

/** How each state of a job looks. */
export const jobLooks: Record<JobState, Look> = {
  pending: { icon: IconClock, tone: "orange", word: text.state.pending },
  running: { icon: IconLoader2, tone: "blue", word: text.state.running },
  succeeded: { icon: IconCircleCheck, tone: "green", word: text.state.succeeded },
  failed: { icon: IconCircleX, tone: "red", word: text.state.failed },
};
