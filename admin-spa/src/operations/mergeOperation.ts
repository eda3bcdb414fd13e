import type { Operation, Step } from "../api/types";

/** What the stream of an operation has told so far. */
export interface Told {
  operation: Operation | null;
  steps: ReadonlyMap<number, Step>;
}

export const nothingTold: Told = { operation: null, steps: new Map() };

/** How far a state is; work never goes back, but to wait for its next attempt. */
const ended = ({ state }: Operation): boolean =>
  state === "succeeded" || state === "failed" || state === "cancelled";

/** The record that knows more: the one that has ended, then the one of the later attempt, then what was told. */
function newer(read: Operation, told: Operation): Operation {
  if (ended(read) !== ended(told)) return ended(read) ? read : told;
  return told.attempt >= read.attempt ? told : read;
}

/**
 * An operation as it was read, brought up to date by what its stream told. The two overtake each other on the way, so for
 * each part the one that knows more counts.
 */
export function mergeOperation(read: Operation, told: Told): Operation {
  const steps = new Map((read.steps ?? []).map((step) => [step.id, step]));
  for (const step of told.steps.values()) {
    const known = steps.get(step.id);
    if (!known || known.state === "started") steps.set(step.id, step);
  }
  const base = told.operation ? newer(read, told.operation) : read;
  return { ...base, steps: [...steps.values()].toSorted((one, other) => one.id - other.id) };
}

/** Takes one message of the stream in. A message that cannot be read changes nothing: the next look will tell. */
export function hear(told: Told, event: string, data: string): Told {
  let body: unknown;
  try {
    body = JSON.parse(data);
  } catch {
    return told;
  }
  if (typeof body !== "object" || body === null || !("id" in body)) return told;
  if (event !== "step") return { ...told, operation: body as Operation };
  const step = body as Step;
  const known = told.steps.get(step.id);
  if (known && known.state !== "started" && step.state === "started") return told;
  return { ...told, steps: new Map(told.steps).set(step.id, step) };
}
