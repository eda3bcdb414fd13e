import type { BatchState, BatchTenantState, BatchVerb } from "../api/batches";
import type { Operation, OperationKind, OperationState, StepState } from "../api/types";
import { text as shared } from "../text";

const batchVerb: Record<BatchVerb, string> = {
  suspend: "Suspend",
  reactivate: "Reactivate",
  retry: "Retry",
  pause: "Pause",
  resume: "Resume",
  rotate_credentials: "Rotate credentials",
  delete: "Delete",
  undelete: "Undelete",
  move: "Move to another pool",
};

const batchState: Record<BatchState, string> = {
  running: "Running",
  succeeded: "Succeeded",
  failed: "Ended with failures",
  cancelled: "Cancelled",
};

const batchTenantState: Record<BatchTenantState, string> = {
  waiting: "Waiting",
  running: "Running",
  succeeded: "As wished",
  failed: "Failed",
  refused: "Refused",
  left: "Left alone",
};

const tenants = (count: number) => `${count.toLocaleString("en")} ${count === 1 ? "tenant" : "tenants"}`;

/** The words of the pages about operations and batches. */
export const operationsText = {
  operations: "Operations",
  batches: "Batches",
  tabs: "Operations and batches",
  facts: "Facts",
  kind: shared.operationKind,
  state: shared.operationState,
  list: {
    caption: "Operations, newest first",
    emptyTitle: "No operations yet",
    emptyBody: "Each piece of work on a tenant is an operation with its steps. There was none so far.",
    noMatchTitle: "No operation matches",
    noMatchBody: "Change the filters, or look at all of them.",
    clear: "Show all operations",
    hint: "state:failed kind:provision tenant:acme",
    fields: { state: "State", kind: "Kind", tenant: "Tenant" },
    columns: {
      kind: "Operation",
      tenant: "Tenant",
      state: "State",
      created: "Asked for",
      by: "By",
      attempt: "Attempts",
      duration: "Duration",
    },
  },
  page: {
    title: (kind: OperationKind, tenant: string) => `${shared.operationKind[kind]} of ${tenant}`,
    loading: "Operation",
    tenant: "Tenant",
    id: "Id",
    attempt: "Attempts",
    by: "Asked for by",
    reason: "Because of",
    created: "Asked for",
    started: "Taken by a worker",
    ended: "Ended",
    priority: "Priority",
    lane: "behind what people asked for",
  },
  heading: (kind: OperationKind) => `Operation: ${shared.operationKind[kind]}`,
  open: "Open its own page",
  waiting: "No step has been recorded yet: a worker has to claim it first.",
  noSteps: "No step was recorded.",
  attempt: (attempt: number) => `Attempt ${attempt}`,
  stepAttempt: (attempt: number, of: number) => `Attempt ${attempt} of ${of}`,
  requestedBy: (who: string) => `asked for by ${who}`,
  because: (why: string) => `because of ${why}`,
  took: (duration: string) => `took ${duration}`,
  running: (duration: string) => `running for ${duration}`,
  typical: (duration: string) => `typically ${duration}`,
  slow: (duration: string) => `Slower than usual: 95 of 100 take ${duration} at most.`,
  stepsDone: (done: number, all: number) => `${done} of ${all} steps done`,
  toCome: "To come",
  live: "Live: each step appears as it begins and ends.",
  polled: "Asking again every second.",
  failedAt: (step: string) => `Failed at: ${step}`,
  stoppedAt: (step: string) => `Stopped at: ${step}`,
  retryable: "Worth another attempt: the worker tries again by itself while attempts are left.",
  permanent: "Another attempt would fail the same way: fix the cause, then retry.",
  nextAttempt: "Next attempt",
  result: "Result",
  earlierAttempts: (count: number) => `${count} earlier ${count === 1 ? "attempt" : "attempts"}`,
  worker: (name: string) => `worker ${name}`,
  steps: "Steps",
  cleanUp: "Clean-up",
  cancel: {
    button: "Cancel…",
    title: "Cancel this operation?",
    body: "The worker stops before its next step. The tenant stays as it is, in error, until somebody retries; one that was served is served on.",
    submit: "Cancel the operation",
    keep: "Let it go on",
  },
  retry: {
    button: "Retry now",
    meaning:
      "Tries again at once with a new count of attempts. Steps that are done already are only looked at.",
  },
  announceStep: (step: string, state: StepState) => `${step}: ${shared.stepState[state].toLowerCase()}.`,
  announceEnd: (operation: Pick<Operation, "kind" | "state" | "tenant_key">) =>
    `${shared.operationKind[operation.kind]} of ${operation.tenant_key}: ${operationWord(operation.state)}.`,
  hint: {
    meaning: "What it means",
    remedy: "What to do",
    more: (code: string) => `All about ${code}`,
  },
  codes: {
    title: "Failure codes",
    intro:
      "Every failure has a stable code. This is what each one means and what to do; programs may decide by it.",
    find: "Find a code",
    none: "No code matches.",
    columns: { code: "Code", meaning: "Meaning", remedy: "What to do" },
    repeats: {
      R: "The worker tries again by itself.",
      A: "A part that all tenants need is away; the worker tries again for as long as that lasts.",
      P: "Needs somebody: mend the cause, then retry.",
    } as Record<string, string>,
  },
  batch: {
    verb: batchVerb,
    state: batchState,
    tenantState: batchTenantState,
    title: (verb: BatchVerb, count: number) => `${batchVerb[verb]}: ${tenants(count)}`,
    loading: "Batch",
    caption: "Batches, newest first",
    columns: {
      verb: "What",
      state: "State",
      progress: "Tenants",
      created: "Asked for",
      by: "By",
      duration: "Duration",
    },
    emptyTitle: "No batches yet",
    emptyBody: "A batch is the same wish about many tenants. Select tenants in their list to make one.",
    toTenants: "Go to the tenants",
    cli: "gatewayctl tenant batch pause --label trial=yes --dry-run",
    progress: "Progress",
    part: (state: BatchTenantState, count: number) => `${batchTenantState[state]}: ${count}`,
    told: (ended: number, all: number) => `${ended} of ${all} tenants done`,
    meaning: {
      waiting: "their turn has not come",
      running: "their operations are open",
      succeeded: "as wished",
      failed: "their operations failed or were cancelled",
      refused: "this could not be wished of them",
      left: "the batch ended before their turn",
    } satisfies Record<BatchTenantState, string>,
    tenantsTitle: "Tenants in this batch",
    tenantsCaption: "Tenants in the order in which they are taken",
    tenantColumns: { tenant: "Tenant", state: "State", operation: "Operation", error: "Why not" },
    show: "Show operation",
    all: (count: number) => `All (${count})`,
    filter: "Show only",
    facts: {
      title: "How it works",
      parallelism: "At once",
      parallelismValue: (count: number) => `${count} operations at most`,
      maxFailures: "Stops after",
      maxFailuresValue: (count: number | null) => (count === null ? "never" : `${count} failures`),
      force: "Active tenants too",
      pool: "To the pool",
      by: "Asked for by",
      created: "Asked for",
      ended: "Ended",
      yes: "yes",
      no: "no",
    },
    cancel: {
      button: "Cancel batch…",
      title: "Cancel this batch?",
      body: (waiting: number, running: number) =>
        `${tenants(waiting)} whose turn has not come ${waiting === 1 ? "is" : "are"} left alone. ${
          running === 0
            ? "Nothing else is under way."
            : `What is open on ${tenants(running)} goes on; each of these operations can be cancelled by itself.`
        }`,
      submit: "Cancel the batch",
      keep: "Let it go on",
    },
    retryFailed: (count: number) => `Retry ${tenants(count)} that failed`,
    more: (count: number) => `Show ${count} more`,
    count: tenants,
  },
} as const;

function operationWord(state: OperationState): string {
  return shared.operationState[state].toLowerCase();
}
