import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, unwrap } from "../api/client";
import type { components } from "../api/schema";
import type { Step } from "../api/types";

export type StepTime = components["schemas"]["StepTime"];

/** Fewer attempts say nothing. */
const LEAST_ATTEMPTS = 3;
const STALE_MS = 60_000;

/** How long steps usually take, on any tenant. */
const stepTimesQuery = queryOptions({
  queryKey: ["step-times"],
  queryFn: async ({ signal }): Promise<StepTime[]> => {
    const { items } = await unwrap(api.GET("/api/gateway/steps", { signal }));
    return items;
  },
  staleTime: STALE_MS,
});

/** What is usual for one step; undefined where too little of it is known. */
export const timeOfStep = (
  times: readonly StepTime[],
  { step, action }: Pick<Step, "step" | "action">,
): StepTime | undefined =>
  times.find((time) => time.step === step && time.action === action && time.attempts >= LEAST_ATTEMPTS);

/** How long steps usually take, asked for only while there is something to compare. */
export const useStepTimes = (enabled: boolean): readonly StepTime[] =>
  useQuery({ ...stepTimesQuery, enabled }).data ?? [];
