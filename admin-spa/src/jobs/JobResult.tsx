import { Text } from "@mantine/core";
import { CollectReport } from "./CollectReport";
import { DriftReport } from "./DriftReport";
import { ResealReport } from "./ResealReport";
import { text } from "./text";
import type { CollectResult, Job, ReconcileResult, ResealResult, VerifyResult } from "./types";
import { VerifyReport } from "./VerifyReport";

/** What a job that succeeded found or did, by its kind. */
export function JobResult({ job }: { job: Job }) {
  if (!job.result) return <Text c="dimmed">{text.noResult}</Text>;
  // The API describes a result as an object only; what is in it follows from the kind.
  const result: unknown = job.result;
  switch (job.kind) {
    case "verify":
      return <VerifyReport report={result as VerifyResult} />;
    case "reconcile":
      return <DriftReport report={result as ReconcileResult} />;
    case "collect":
      return <CollectReport report={result as CollectResult} />;
    case "reseal":
      return <ResealReport report={result as ResealResult} />;
  }
}
