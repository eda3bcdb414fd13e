import { useSyncExternalStore } from "react";

/** The header in which the server says which build answers. */
const BUILD_HEADER = "x-gateway-build";

/** Where a build is told: the two write it differently, and each is compared with itself only. */
type Source = "header" | "version";

const first = new Map<Source, string>();
let isOther = false;
const listeners = new Set<() => void>();

/** Notes which build the server runs; another one than the first that was told means that this page is outdated. */
export function noteBuild(source: Source, build: string): void {
  const known = first.get(source) ?? build;
  first.set(source, known);
  if (build === known || isOther) return;
  isOther = true;
  for (const listener of listeners) listener();
}

/** Notes which build an answer came from, where it says so. */
export function noteBuildOf(response: Response): void {
  const build = response.headers.get(BUILD_HEADER);
  if (build !== null) noteBuild("header", build);
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
};

/** Whether the server runs another build than the one this page came from. */
export const useIsOutdated = (): boolean => useSyncExternalStore(subscribe, () => isOther);
