import type { GatewayEvent } from "../api/types";
import { followEvents, type StreamState } from "./follow";

const NAME = "gateway-live";

type Message =
  | { type: "event"; event: GatewayEvent }
  | { type: "state"; state: StreamState }
  | { type: "gap" }
  | { type: "hello" };

interface Listener {
  onEvent: (event: GatewayEvent) => void;
  onState: (state: StreamState) => void;
  onGap: () => void;
}

/**
 * Follows all events after `end`, absent from now on, with one stream for all tabs of this browser; returns what ends it for this tab.
 *
 * A browser opens six connections to one host, and an open stream keeps one of them. So the tab that holds a lock has the
 * stream and tells the others; when it goes, the next one takes the lock and goes on behind the last event it has heard of.
 * Where the browser has no locks each tab has a stream of its own.
 */
export function shareEvents(listener: Listener, end: string | undefined): () => void {
  const stop = new AbortController();
  let last = end;
  let state: StreamState = "connecting";
  let leads = false;
  const channel = "BroadcastChannel" in window ? new BroadcastChannel(NAME) : null;
  const tell = (message: Message) => channel?.postMessage(message);

  const onEvent = (event: GatewayEvent) => {
    last = String(event.id);
    listener.onEvent(event);
  };
  const onState = (next: StreamState) => {
    state = next;
    listener.onState(next);
  };
  if (channel) {
    channel.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data.type === "hello") {
        if (leads) tell({ type: "state", state });
      } else if (leads) return;
      else if (data.type === "event") onEvent(data.event);
      else if (data.type === "state") onState(data.state);
      else listener.onGap();
    };
  }
  const lead = () => {
    leads = true;
    return followEvents({
      after: last,
      signal: stop.signal,
      onEvent: (event) => {
        onEvent(event);
        tell({ type: "event", event });
      },
      onState: (next) => {
        onState(next);
        tell({ type: "state", state: next });
      },
      onGap: () => {
        listener.onGap();
        tell({ type: "gap" });
      },
    });
  };
  tell({ type: "hello" });
  if (channel && "locks" in navigator) {
    // Rejected when this tab stops while it waits for its turn.
    navigator.locks.request(NAME, { signal: stop.signal }, lead).catch(() => {});
  } else {
    void lead();
  }
  return () => {
    stop.abort();
    channel?.close();
  };
}
