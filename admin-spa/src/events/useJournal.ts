import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import type { GatewayEvent } from "../api/types";
import { useLive } from "../live/LiveProvider";
import { backlogQuery, type EventFilter, fits } from "./api";
import { addEvents } from "./journal";

/** Events are drawn together this often, so that many at once keep the page at ease. */
const DRAW_MS = 200;

/** The latest events that fit, newest first, as they come in; while paused they are only counted. */
export function useJournal(filter: EventFilter, isPaused: boolean) {
  const backlog = useQuery(backlogQuery(filter));
  const { listen } = useLive();
  const [events, setEvents] = useState<readonly GatewayEvent[]>([]);
  const [waiting, setWaiting] = useState(0);
  const held = useRef<GatewayEvent[]>([]);
  const paused = useRef(isPaused);

  const { kind, tenant } = filter;
  const current = useMemo<EventFilter>(
    () => ({ ...(kind ? { kind } : {}), ...(tenant ? { tenant } : {}) }),
    [kind, tenant],
  );

  // Another filter is another journal.
  useEffect(() => {
    held.current = [];
    setWaiting(0);
    setEvents(addEvents([], backlog.data ?? []));
  }, [backlog.data]);

  useEffect(() => {
    let timer: number | undefined;
    const draw = () => {
      timer = undefined;
      if (paused.current) {
        setWaiting(held.current.length);
        return;
      }
      const added = held.current;
      held.current = [];
      setEvents((before) => addEvents(before, added));
    };
    const stop = listen((event) => {
      if (!fits(event, current)) return;
      held.current.push(event);
      timer ??= window.setTimeout(draw, DRAW_MS);
    });
    return () => {
      stop();
      window.clearTimeout(timer);
    };
  }, [listen, current]);

  useEffect(() => {
    paused.current = isPaused;
    if (isPaused) return;
    const added = held.current;
    held.current = [];
    setWaiting(0);
    setEvents((before) => addEvents(before, added));
  }, [isPaused]);

  return { backlog, events, waiting };
}
