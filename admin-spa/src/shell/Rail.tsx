import { Link } from "@tanstack/react-router";
import { useId } from "react";
import type { RailEntry } from "../area";
import { rail } from "../areas";
import { useMay } from "../session/useMay";
import classes from "./Rail.module.css";
import { shellText } from "./text";

const GROUPS = ["operate", "platform"] as const;

/** The entries somebody may open. */
export function useRail(): readonly RailEntry[] {
  const may = useMay();
  return rail.filter((entry) => entry.scope === undefined || may(entry.scope));
}

/** The way to every area. `onGo` hears when one was chosen. */
export function Rail({ onGo }: { onGo?: () => void }) {
  const entries = useRail();
  return (
    <nav aria-label={shellText.navigation} className={classes.rail}>
      {GROUPS.map((group) => (
        <RailGroup
          key={group}
          label={shellText.groups[group]}
          entries={entries.filter((entry) => entry.group === group)}
          onGo={onGo}
        />
      ))}
    </nav>
  );
}

interface RailGroupProps {
  label: string;
  entries: readonly RailEntry[];
  onGo: (() => void) | undefined;
}

function RailGroup({ label, entries, onGo }: RailGroupProps) {
  const heading = useId();
  if (entries.length === 0) return null;
  return (
    <div>
      <div id={heading} className={classes.group}>
        {label}
      </div>
      <ul aria-labelledby={heading} className={classes.list}>
        {entries.map((entry) => (
          <li key={entry.to}>
            <Link
              to={entry.to}
              activeOptions={{ exact: entry.to === "/", includeSearch: false }}
              className={classes.link ?? ""}
              {...(onGo ? { onClick: onGo } : {})}
            >
              <entry.icon size={18} stroke={1.8} aria-hidden />
              {entry.label}
            </Link>
          </li>
        ))}
      </ul>
    </div>
  );
}
