import { useMemo, useSyncExternalStore } from "react";

/** One clock for all who want the time equally often: a list has a time in each row. */
class Clock {
  private readonly listeners = new Set<() => void>();
  private timer: number | undefined;
  private now = Date.now();

  constructor(private readonly every: number) {}

  /** The time of its last beat; while nobody listens, of the last reading that was too old. */
  readonly read = (): number => {
    if (this.listeners.size === 0 && Math.abs(Date.now() - this.now) >= this.every) this.now = Date.now();
    return this.now;
  };

  readonly listen = (listener: () => void): (() => void) => {
    if (this.listeners.size === 0) {
      this.now = Date.now();
      this.timer = window.setInterval(this.beat, this.every);
    }
    this.listeners.add(listener);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) window.clearInterval(this.timer);
    };
  };

  private readonly beat = (): void => {
    this.now = Date.now();
    for (const listener of this.listeners) listener();
  };
}

const clocks = new Map<number, Clock>();

function clockOf(every: number): Clock {
  const clock = clocks.get(every) ?? new Clock(every);
  clocks.set(every, clock);
  return clock;
}

const never = () => () => {};

/** The time in milliseconds, renewed every `every` milliseconds; 0 keeps it still from then on. */
export function useNow(every: number): number {
  const still = useMemo(() => (every === 0 ? Date.now() : 0), [every]);
  const clock = every === 0 ? undefined : clockOf(every);
  return useSyncExternalStore(clock?.listen ?? never, clock?.read ?? (() => still));
}
