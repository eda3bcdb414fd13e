import { Text } from "@mantine/core";
import { isOpen } from "../api/operations";
import type { Operation, Step } from "../api/types";
import { Badge } from "../parts/Badge";
import { useNow } from "../parts/useNow";
import { text } from "../text";
import { absoluteTime, between, duration } from "../time";
import { comingSteps } from "./coming";
import { FailureHint } from "./FailureHint";
import { stepLooks } from "./looks";
import { groupSteps } from "./stepGroups";
import { type StepTime, timeOfStep, useStepTimes } from "./stepTimes";
import classes from "./Timeline.module.css";
import { operationsText as words } from "./text";

const TICK_MS = 500;

/** Work that takes things away is made of clean-up; in other work it stands in a lane of its own. */
const takesAway: ReadonlySet<Operation["kind"]> = new Set(["deprovision", "purge", "suspend"]);

/** The steps of an operation, in the order they ran, with their failures spelled out. */
export function Timeline({ operation }: { operation: Operation }) {
  const groups = groupSteps(operation.steps ?? []);
  const running = groups.some((group) => group.latest.state === "started");
  const now = useNow(running ? TICK_MS : 0);
  const times = useStepTimes(isOpen(operation));
  if (groups.length === 0) {
    return <Text c="dimmed">{operation.state === "pending" ? words.waiting : words.noSteps}</Text>;
  }
  return (
    <ol className={classes.timeline} aria-label={words.steps}>
      {groups.map(({ latest, earlier }) => (
        <li
          key={`${latest.action} ${latest.step}`}
          className={classes.step}
          data-tone={stepLooks[latest.state].tone}
          data-lane={latest.action !== "ensure" && !takesAway.has(operation.kind) ? "clean-up" : undefined}
        >
          <StepRecord
            step={latest}
            attempts={earlier.length + 1}
            now={now}
            usual={latest.state === "started" ? timeOfStep(times, latest) : undefined}
          />
          {earlier.length > 0 && (
            <details className={classes.fold}>
              <summary>{words.earlierAttempts(earlier.length)}</summary>
              <ol className={classes.earlier}>
                {earlier.map((step) => (
                  <li key={step.id}>
                    <StepRecord step={step} attempts={1} now={now} />
                  </li>
                ))}
              </ol>
            </details>
          )}
        </li>
      ))}
      {comingSteps(operation).map((step) => (
        <li key={`coming ${step}`} className={`${classes.step} ${classes.coming}`} data-tone="grey">
          <Text component="span" c="dimmed">
            {text.stepName[step]} · {words.toCome}
            {typicalOf(timeOfStep(times, { step, action: "ensure" }))}
          </Text>
        </li>
      ))}
    </ol>
  );
}

const typicalOf = (usual: StepTime | undefined): string =>
  usual ? ` · ${words.typical(duration(usual.typical_ms))}` : "";

interface StepRecordProps {
  step: Step;
  /** How many records there are of this step, this one included. */
  attempts: number;
  now: number;
  /** What is usual for the step, where it is under way and that is known. */
  usual?: StepTime | undefined;
}

function StepRecord({ step, attempts, now, usual }: StepRecordProps) {
  const length = step.duration_ms ?? between(step.started_at, step.ended_at, now);
  const result = Object.entries(step.result ?? {});
  const attempt =
    attempts > 1
      ? words.stepAttempt(attempts, attempts)
      : step.attempt > 1 || step.state === "failed"
        ? words.attempt(step.attempt)
        : undefined;
  return (
    <>
      <div className={classes.line}>
        <Text component="span" fw={600}>
          {text.stepTitle(step)}
        </Text>
        <Badge look={stepLooks[step.state]} moving={step.state === "started"} />
        {attempt && (
          <Text component="span" size="sm">
            {attempt}
          </Text>
        )}
        <Text
          component="span"
          size="sm"
          c="dimmed"
          className="numeric"
          title={`${absoluteTime(step.started_at)}, ${words.worker(step.worker)}`}
        >
          {duration(length)}
          {typicalOf(usual)}
        </Text>
      </div>
      {usual && length > usual.slow_ms && (
        <Text size="sm" c="var(--tone-orange)">
          {words.slow(duration(usual.slow_ms))}
        </Text>
      )}
      {step.error && (
        <div className={classes.cause}>
          <Text size="sm" className="wrap-anywhere">
            {step.error.message} <code>{step.error.code}</code>
          </Text>
          <Text size="sm" c="dimmed">
            {step.error.retryable ? words.retryable : words.permanent}
          </Text>
          <FailureHint code={step.error.code} />
        </div>
      )}
      {result.length > 0 && (
        <details className={classes.fold}>
          <summary>{words.result}</summary>
          <dl className={classes.result}>
            {result.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd className="wrap-anywhere">{typeof value === "string" ? value : JSON.stringify(value)}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </>
  );
}
