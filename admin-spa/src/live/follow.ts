import { asProblem, problemFromResponse } from "../api/problem";
import type { GatewayEvent } from "../api/types";
import { type Frame, readFrames } from "./frames";

const STREAM = "/api/gateway/events/stream";
/** The server comments each 15 seconds; silence for longer means that the connection is gone. */
const SILENCE_MS = 40_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/** How the stream is: `refused` is for good, because the person may not have it. */
export type StreamState = "connecting" | "live" | "reconnecting" | "refused";

interface Follow {
  /** The last event that is known; absent begins at the end. */
  after: string | undefined;
  signal: AbortSignal;
  onEvent: (event: GatewayEvent) => void;
  onState: (state: StreamState) => void;
  /** Events may have been missed: everything shown has to be read again. */
  onGap: () => void;
}

/** Follows all events until the signal aborts; connects again after each break and goes on behind the last event. */
export async function followEvents({ after, signal, onEvent, onState, onGap }: Follow): Promise<void> {
  let last = after;
  let failures = 0;
  onState("connecting");
  while (!signal.aborted) {
    let wait = FIRST_WAIT_MS;
    try {
      const isNew = last === undefined;
      await readOnce(last, signal, {
        onOpen: () => {
          failures = 0;
          onState("live");
          // Between what the page has read and the begin of the stream something may have happened.
          if (isNew) onGap();
        },
        onFrame: (frame) => {
          if (frame.id !== undefined) last = frame.id;
          const event = readEvent(frame);
          if (event) onEvent(event);
        },
      });
    } catch (error) {
      if (signal.aborted) return;
      const problem = asProblem(error);
      failures += 1;
      if (problem.status === 401 || problem.status === 403) {
        onState("refused");
        return;
      }
      if (problem.status === 410) {
        last = undefined;
        wait = 0;
      } else {
        const grown = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 5));
        wait = Math.max(grown, (problem.retryAfter ?? 0) * 1_000);
      }
    }
    onState("reconnecting");
    // Many tabs that lost one server must not all come back at the same moment.
    await sleep(wait * (0.75 + Math.random() / 2), signal);
  }
}

interface Reader {
  onOpen: () => void;
  onFrame: (frame: Frame) => void;
}

async function readOnce(after: string | undefined, signal: AbortSignal, reader: Reader): Promise<void> {
  const silence = new AbortController();
  let timer = window.setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const response = await fetch(new URL(STREAM, window.location.origin), {
      headers: { accept: "text/event-stream", ...(after ? { "last-event-id": after } : {}) },
      credentials: "same-origin",
      cache: "no-store",
      signal: AbortSignal.any([signal, silence.signal]),
    });
    if (!response.ok || !response.body) {
      throw problemFromResponse(response, await response.json().catch(() => null));
    }
    reader.onOpen();
    const take = readFrames(reader.onFrame);
    const body = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await body.read();
      if (done) return;
      window.clearTimeout(timer);
      timer = window.setTimeout(() => silence.abort(), SILENCE_MS);
      take(value);
    }
  } finally {
    window.clearTimeout(timer);
  }
}

function readEvent(frame: Frame): GatewayEvent | null {
  try {
    const event: unknown = JSON.parse(frame.data);
    return typeof event === "object" && event !== null && "kind" in event ? (event as GatewayEvent) : null;
  } catch {
    return null;
  }
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = () => {
      window.clearTimeout(timer);
      window.removeEventListener("online", end);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = window.setTimeout(end, milliseconds);
    // A network that comes back is worth a try at once.
    window.addEventListener("online", end);
    signal.addEventListener("abort", end);
  });
}
