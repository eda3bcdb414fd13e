import { Tooltip } from "@mantine/core";
import { absoluteTime, relativeTime } from "../time";
import { useNow } from "./useNow";

const RENEW_MS = 10_000;
const RENEW_CLOSE_MS = 1_000;

/** A point in time relative to now, with the absolute one on hover or focus. `close` counts seconds. */
export function TimeAgo({ at, close = false }: { at: string; close?: boolean }) {
  const now = useNow(close ? RENEW_CLOSE_MS : RENEW_MS);
  return (
    <Tooltip label={absoluteTime(at)} events={{ hover: true, focus: true, touch: true }}>
      <time dateTime={at}>{relativeTime(at, now)}</time>
    </Tooltip>
  );
}
