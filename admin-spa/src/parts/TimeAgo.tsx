import { Tooltip } from "@mantine/core";
import { useRef, useState } from "react";
import { absoluteTime, relativeTime } from "../time";
import { useNow } from "./useNow";

const RENEW_MS = 10_000;
const RENEW_CLOSE_MS = 1_000;

/** A point in time relative to now, with the absolute one on hover or touch. `close` counts seconds. */
export function TimeAgo({ at, close = false }: { at: string; close?: boolean }) {
  const beat = useNow(close ? RENEW_CLOSE_MS : RENEW_MS);
  const time = useRef<HTMLTimeElement>(null);
  // What shows the absolute time is dear, and a list has many times that nobody points at.
  const [isOver, setOver] = useState(false);
  return (
    <>
      <time
        ref={time}
        dateTime={at}
        onPointerEnter={() => setOver(true)}
        onPointerLeave={() => setOver(false)}
      >
        {relativeTime(at, Math.max(beat, Date.now()))}
      </time>
      {isOver && <Tooltip opened target={time} label={absoluteTime(at)} />}
    </>
  );
}
