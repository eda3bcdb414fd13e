import type { LiveState } from "./LiveProvider";

const word: Record<LiveState, string> = {
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
  paused: "Paused",
  refused: "Not live",
};

const meaning: Record<LiveState, string> = {
  connecting: "The stream of events is being opened.",
  live: "What you see follows what happens. Press to pause.",
  reconnecting: "The stream of events broke off; it is tried again. What you see is looked at now and then.",
  paused: "What you see stays as it is. Press to go on.",
  refused: "You may not follow events. What you see is looked at now and then.",
};

export const liveText = { word, meaning } as const;
