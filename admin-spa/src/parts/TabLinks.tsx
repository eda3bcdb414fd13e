import { Link } from "@tanstack/react-router";
import classes from "./TabLinks.module.css";

/** A tab: each is an address of its own. */
export interface TabLink {
  to: string;
  label: string;
  /** A number beside the label, such as how many drift. */
  count?: number | undefined;
  /** Only this address itself, not those below it. */
  exact?: boolean;
}

/** The tabs of a page as links, so that each has an address, opens in a new window and is left by "back". */
export function TabLinks({ label, tabs }: { label: string; tabs: readonly TabLink[] }) {
  return (
    <nav aria-label={label} className={classes.tabs}>
      {tabs.map((tab) => (
        <Link key={tab.to} to={tab.to} activeOptions={{ exact: tab.exact ?? false, includeSearch: false }}>
          {tab.label}
          {tab.count !== undefined && tab.count > 0 && <span className={classes.count}>{tab.count}</span>}
        </Link>
      ))}
    </nav>
  );
}
