import { type Query, useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { GatewayEvent } from "../api/types";
import { takeEnd } from "./end";
import type { StreamState } from "./follow";
import { readAgain } from "./readAgain";
import { shareEvents } from "./share";
import { Subjects } from "./subjects";

/** Events that come close together are answered by one reading. */
const COALESCE_MS = 250;
/** While events keep coming, what is shown is read again at most this often. */
const BUSY_MS = 1_000;

export type LiveState = StreamState | "paused";

interface Live {
  state: LiveState;
  /** Keeps what is shown as it is, or lets it follow again; then everything is read again. */
  setPaused: (paused: boolean) => void;
  /** Hears each event until the returned function is called, paused or not. */
  listen: (listener: (event: GatewayEvent) => void) => () => void;
}

const LiveContext = createContext<Live>({
  state: "connecting",
  setPaused: () => {},
  listen: () => () => {},
});

/** Whether what is shown follows what happens, and the events themselves. */
export const useLive = () => use(LiveContext);

/** How often to look again without being told: seldom while events arrive, `otherwise` when they do not. In milliseconds. */
export function usePoll(otherwise: number, live = 60_000): number {
  return useLive().state === "live" ? Math.max(live, otherwise) : otherwise;
}

/** Follows the events of the gateway and has everything that is shown read again when it may have changed. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [stream, setStream] = useState<StreamState>("connecting");
  const [isPaused, setIsPaused] = useState(false);
  const paused = useRef(false);
  const listeners = useRef(new Set<(event: GatewayEvent) => void>());

  useEffect(() => {
    let subjects = new Subjects();
    let flushed = Number.NEGATIVE_INFINITY;
    let timer: number | undefined;
    const flush = () => {
      timer = undefined;
      flushed = Date.now();
      const about = subjects;
      subjects = new Subjects();
      if (!paused.current) readAgain(queries, (query) => about.touch(query.queryKey));
    };
    const stop = shareEvents(
      {
        onEvent: (event) => {
          for (const listener of listeners.current) listener(event);
          subjects.add(event);
          timer ??= window.setTimeout(flush, Math.max(COALESCE_MS, flushed + BUSY_MS - Date.now()));
        },
        onState: setStream,
        onGap: () => {
          if (!paused.current) readAgain(queries, isShared);
        },
      },
      takeEnd(queries),
    );
    return () => {
      stop();
      window.clearTimeout(timer);
    };
  }, [queries]);

  const setPaused = useCallback(
    (next: boolean) => {
      paused.current = next;
      setIsPaused(next);
      if (!next) readAgain(queries, isShared);
    },
    [queries],
  );
  const listen = useCallback((listener: (event: GatewayEvent) => void) => {
    listeners.current.add(listener);
    return () => {
      listeners.current.delete(listener);
    };
  }, []);
  const live = useMemo<Live>(
    () => ({ state: isPaused ? "paused" : stream, setPaused, listen }),
    [isPaused, stream, setPaused, listen],
  );
  return <LiveContext value={live}>{children}</LiveContext>;
}

/** Who is signed in and what the server runs do not change with events. */
const isShared = ({ queryKey: [noun] }: Query): boolean => noun !== "me" && noun !== "version";
