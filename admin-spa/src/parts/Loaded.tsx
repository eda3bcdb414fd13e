import { Skeleton, Stack, Text } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { asProblem } from "../api/problem";
import { text } from "../text";
import { ProblemAlert } from "./ProblemAlert";

interface LoadedProps<Data> {
  query: Pick<UseQueryResult<Data>, "data" | "error" | "isError" | "isPending" | "isFetching" | "refetch">;
  /** The height of what is to come, in pixels, so that the page does not jump. */
  height?: number;
  children: (data: Data) => ReactNode;
}

/** What a query has: a placeholder, its data, or what went wrong with a way to try again. Old data stays while a refresh fails. */
export function Loaded<Data>({ query, height = 120, children }: LoadedProps<Data>) {
  const { data } = query;
  if (query.isPending) return <Skeleton height={height} role="status" aria-label={text.loading} />;
  // Something that was there and is gone is not shown any more.
  const isGone = query.isError && asProblem(query.error).status === 404;
  return (
    <Stack>
      {query.isError && (
        <ProblemAlert error={query.error} onRetry={() => void query.refetch()} retrying={query.isFetching} />
      )}
      {query.isError && data !== undefined && !isGone && (
        <Text size="sm" c="dimmed">
          {text.problem.stale}
        </Text>
      )}
      {data !== undefined && !isGone && children(data)}
    </Stack>
  );
}
