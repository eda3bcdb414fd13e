import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { noteBuild, useIsOutdated } from "../api/build";
import { versionQuery } from "../api/session";
import { useAfterPaint } from "../parts/useAfterPaint";
import classes from "./Bars.module.css";
import { shellText } from "./text";

/** How often the server is asked for its version where no answer tells. */
const LOOK_MS = 60_000;

const subscribe = (listener: () => void) => {
  window.addEventListener("online", listener);
  window.addEventListener("offline", listener);
  return () => {
    window.removeEventListener("online", listener);
    window.removeEventListener("offline", listener);
  };
};

/** What holds for every page: no network, or a newer console on the server. */
export function Bars() {
  const isOnline = useSyncExternalStore(subscribe, () => navigator.onLine);
  const isOutdated = useIsOutdated();
  const isPainted = useAfterPaint();
  const version = useQuery({ ...versionQuery, refetchInterval: LOOK_MS, enabled: isPainted }).data;
  useEffect(() => {
    if (version)
      noteBuild("version", [version.version, version.commit ?? "", version.built_at ?? ""].join(" ").trim());
  }, [version]);
  return (
    <div role="status" aria-live="polite">
      {!isOnline && (
        <div className={classes.bar} data-tone="orange">
          {shellText.offline}
        </div>
      )}
      {isOutdated && (
        <div className={classes.bar} data-tone="blue">
          {shellText.outdated}
          <Button size="compact-sm" variant="default" onClick={() => window.location.reload()}>
            {shellText.reload}
          </Button>
        </div>
      )}
    </div>
  );
}
