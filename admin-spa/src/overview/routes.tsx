import { IconLayoutDashboard } from "@tabler/icons-react";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { RailEntry, SignedIn } from "../area";
import { asOneOf, type RawSearch } from "../search";
import { type Range, ranges } from "../series/api";
import { overviewText } from "./text";

export const overviewRail: readonly RailEntry[] = [
  {
    to: "/",
    label: overviewText.rail,
    icon: IconLayoutDashboard,
    group: "operate",
    order: 10,
    also: "home attention health",
  },
];

export const overviewRoutes = (signedIn: SignedIn) => {
  const overview = createRoute({
    getParentRoute: () => signedIn,
    path: "/",
    validateSearch: (search: RawSearch): { range?: Range } => {
      const range = asOneOf(search.range, ranges);
      return range ? { range } : {};
    },
    component: lazyRouteComponent(() => import("./OverviewPage"), "OverviewPage"),
  });
  return [overview] as const;
};
