import {
  IconArrowBarDown,
  IconBan,
  IconCircleCheck,
  IconCircleX,
  IconClock,
  IconHandStop,
  IconLoader2,
  IconPlayerSkipForward,
  IconPlugConnectedX,
} from "@tabler/icons-react";
import type { BatchState, BatchTenantState } from "../api/batches";
import type { OperationState, StepState } from "../api/types";
import type { Look } from "../parts/Badge";
import { text } from "../text";
import { operationsText } from "./text";

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

/** How each state of a batch looks. */
export const batchLooks: Record<BatchState, Look> = {
  running: { icon: IconLoader2, tone: "blue", word: operationsText.batch.state.running },
  succeeded: { icon: IconCircleCheck, tone: "green", word: operationsText.batch.state.succeeded },
  failed: { icon: IconCircleX, tone: "red", word: operationsText.batch.state.failed },
  cancelled: { icon: IconBan, tone: "grey", word: operationsText.batch.state.cancelled },
};

/** How each state of a tenant in a batch looks, in the order in which they are told. */
export const batchTenantLooks: Record<BatchTenantState, Look> = {
  succeeded: { icon: IconCircleCheck, tone: "green", word: operationsText.batch.tenantState.succeeded },
  running: { icon: IconLoader2, tone: "blue", word: operationsText.batch.tenantState.running },
  failed: { icon: IconCircleX, tone: "red", word: operationsText.batch.tenantState.failed },
  refused: { icon: IconHandStop, tone: "orange", word: operationsText.batch.tenantState.refused },
  left: { icon: IconArrowBarDown, tone: "grey", word: operationsText.batch.tenantState.left },
  waiting: { icon: IconClock, tone: "grey", word: operationsText.batch.tenantState.waiting },
};
