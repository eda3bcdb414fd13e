import { IconLayoutDashboard } from "@tabler/icons-react";
import { createRoute } from "@tanstack/react-router";
import type { RailEntry, SignedIn } from "../area";
import { asOneOf, type RawSearch } from "../search";
import { type Range, ranges } from "../series/api";
import { OverviewPage } from "./OverviewPage";
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
    // Part of the first load: nearly every visit begins here.
    component: OverviewPage,
  });
  return [overview] as const;
};
