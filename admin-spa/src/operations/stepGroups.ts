import type { Step } from "../api/types";

/** One step of an operation: its newest record, and the attempts before it, newest first. */
export interface StepGroup {
  latest: Step;
  earlier: Step[];
}

/** Joins the records of the same step and action, in the order the steps first ran. */
export function groupSteps(steps: readonly Step[]): StepGroup[] {
  const groups = new Map<string, StepGroup>();
  for (const step of [...steps].sort((a, b) => a.id - b.id)) {
    const name = `${step.action} ${step.step}`;
    const group = groups.get(name);
    groups.set(
      name,
      group ? { latest: step, earlier: [group.latest, ...group.earlier] } : { latest: step, earlier: [] },
    );
  }
  return [...groups.values()];
}
