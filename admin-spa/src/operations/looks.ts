import {
  IconBan,
  IconCircleCheck,
  IconCircleX,
  IconClock,
  IconLoader2,
  IconPlayerSkipForward,
  IconPlugConnectedX,
} from "@tabler/icons-react";
import type { OperationState, StepState } from "../api/types";
import type { Look } from "../parts/Badge";
import { text } from "../text";

/** How each state of an operation looks. */
export const operationLooks: Record<OperationState, Look> = {
  pending: { icon: IconClock, tone: "orange", word: text.operationState.pending },
  running: { icon: IconLoader2, tone: "blue", word: text.operationState.running },
  succeeded: { icon: IconCircleCheck, tone: "green", word: text.operationState.succeeded },
  failed: { icon: IconCircleX, tone: "red", word: text.operationState.failed },
  cancelled: { icon: IconBan, tone: "grey", word: text.operationState.cancelled },
};

/** How each state of a step looks. */
export const stepLooks: Record<StepState, Look> = {
  started: { icon: IconLoader2, tone: "blue", word: text.stepState.started },
  succeeded: { icon: IconCircleCheck, tone: "green", word: text.stepState.succeeded },
  skipped: { icon: IconPlayerSkipForward, tone: "grey", word: text.stepState.skipped },
  failed: { icon: IconCircleX, tone: "red", word: text.stepState.failed },
  abandoned: { icon: IconPlugConnectedX, tone: "orange", word: text.stepState.abandoned },
};
