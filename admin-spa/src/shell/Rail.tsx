import { Link, useLocation } from "@tanstack/react-router";
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

/** Whether an address belongs to an area though it is not below the area's first page. */
const holds = (entry: RailEntry, address: string): boolean =>
  entry.holds?.some((held) => address === held || address.startsWith(`${held}/`)) ?? false;

interface RailGroupProps {
  label: string;
  entries: readonly RailEntry[];
  onGo: (() => void) | undefined;
}

function RailGroup({ label, entries, onGo }: RailGroupProps) {
  const heading = useId();
  const address = useLocation({ select: ({ pathname }) => pathname });
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
              // The link itself says so for its own address and those below it.
              {...(holds(entry, address) ? { "aria-current": "page" as const } : {})}
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
