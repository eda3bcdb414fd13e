import { IconLayoutDashboard } from "@tabler/icons-react";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { RailEntry, SignedIn } from "../area";
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
    component: lazyRouteComponent(() => import("./OverviewPage"), "OverviewPage"),
  });
  return [overview] as const;
};
