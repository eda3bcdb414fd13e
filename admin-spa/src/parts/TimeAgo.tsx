import { Tooltip } from "@mantine/core";
import { useState } from "react";
import { absoluteTime, relativeTime } from "../time";
import { useNow } from "./useNow";

const RENEW_MS = 10_000;
const RENEW_CLOSE_MS = 1_000;

/** A point in time relative to now, with the absolute one on hover or touch. `close` counts seconds. */
export function TimeAgo({ at, close = false }: { at: string; close?: boolean }) {
  const beat = useNow(close ? RENEW_CLOSE_MS : RENEW_MS);
  // What shows the absolute time is dear, and a list has many times that nobody points at.
  const [isAsked, setAsked] = useState(false);
  const time = (
    <time dateTime={at} onPointerEnter={() => setAsked(true)}>
      {relativeTime(at, Math.max(beat, Date.now()))}
    </time>
  );
  if (!isAsked) return time;
  return (
    <Tooltip label={absoluteTime(at)} defaultOpened events={{ hover: true, focus: true, touch: true }}>
      {time}
    </Tooltip>
  );
}
