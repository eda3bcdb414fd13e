import { Text } from "@mantine/core";
import type { Operation, Step } from "../api/types";
import { Badge } from "../parts/Badge";
import { useNow } from "../parts/useNow";
import { text } from "../text";
import { absoluteTime, between, duration } from "../time";
import { stepLooks } from "./looks";
import { groupSteps } from "./stepGroups";
import classes from "./Timeline.module.css";

const TICK_MS = 500;

/** The steps of an operation, in the order they ran, with their failures spelled out. */
export function Timeline({ operation }: { operation: Operation }) {
  const groups = groupSteps(operation.steps ?? []);
  const running = groups.some((group) => group.latest.state === "started");
  const now = useNow(running ? TICK_MS : 0);
  if (groups.length === 0) {
    return (
      <Text c="dimmed">
        {operation.state === "pending" ? text.operation.waiting : text.operation.noSteps}
      </Text>
    );
  }
  return (
    <ol className={classes.timeline} aria-label={text.operation.steps}>
      {groups.map(({ latest, earlier }) => (
        <li
          key={`${latest.action} ${latest.step}`}
          className={classes.step}
          data-tone={stepLooks[latest.state].tone}
        >
          <StepRecord step={latest} now={now} />
          {earlier.length > 0 && (
            <details className={classes.fold}>
              <summary>{text.operation.earlierAttempts(earlier.length)}</summary>
              <ol className={classes.earlier}>
                {earlier.map((step) => (
                  <li key={step.id}>
                    <StepRecord step={step} now={now} />
                  </li>
                ))}
              </ol>
            </details>
          )}
        </li>
      ))}
    </ol>
  );
}

function StepRecord({ step, now }: { step: Step; now: number }) {
  const length = step.duration_ms ?? between(step.started_at, step.ended_at, now);
  const result = Object.entries(step.result ?? {});
  return (
    <>
      <div className={classes.line}>
        <Text component="span" fw={600}>
          {text.stepTitle(step)}
        </Text>
        <Badge look={stepLooks[step.state]} moving={step.state === "started"} />
        {(step.attempt > 1 || step.state === "failed") && (
          <Text component="span" size="sm">
            {text.operation.attempt(step.attempt)}
          </Text>
        )}
        <Text
          component="span"
          size="sm"
          c="dimmed"
          className="numeric"
          title={`${absoluteTime(step.started_at)}, ${text.operation.worker(step.worker)}`}
        >
          {duration(length)}
        </Text>
      </div>
      {step.error && (
        <div className={classes.cause}>
          <Text size="sm" className="wrap-anywhere">
            {step.error.message} <code>{step.error.code}</code>
          </Text>
          <Text size="sm" c="dimmed">
            {step.error.retryable ? text.operation.retryable : text.operation.permanent}
          </Text>
        </div>
      )}
      {result.length > 0 && (
        <details className={classes.fold}>
          <summary>{text.operation.result}</summary>
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
