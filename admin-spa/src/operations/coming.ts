import { isOpen } from "../api/operations";
import type { Operation, StepName } from "../api/types";
import { text } from "../text";

/** The steps that make a tenant, in their order; the order of the words is that of the worker. */
const order = Object.keys(text.stepName) as StepName[];

/** Work that goes through all of these steps; other kinds take only some. */
const whole: ReadonlySet<Operation["kind"]> = new Set(["provision", "reconverge", "reactivate", "undelete"]);

/** The steps that open work has not begun yet. Empty where nobody can tell. */
export function comingSteps(operation: Operation): readonly StepName[] {
  if (!isOpen(operation) || !whole.has(operation.kind)) return [];
  const begun = new Set(
    (operation.steps ?? []).filter((step) => step.action === "ensure").map(({ step }) => step),
  );
  return order.filter((step) => !begun.has(step));
}

/** How many steps of open work are done, and how many there are; null where nobody can tell. */
export function stepProgress(operation: Operation): { done: number; all: number } | null {
  if (!isOpen(operation) || !whole.has(operation.kind)) return null;
  const done = new Set(
    (operation.steps ?? [])
      .filter(
        ({ action, state, attempt }) =>
          action === "ensure" &&
          attempt === operation.attempt &&
          (state === "succeeded" || state === "skipped"),
      )
      .map(({ step }) => step),
  );
  return { done: done.size, all: order.length };
}
