import { IconActivity } from "@tabler/icons-react";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { RailEntry, SignedIn } from "../area";
import { type RawSearch, textsOf } from "../search";
import type { EventFilter } from "./api";
import { eventsText } from "./text";

export const eventRail: readonly RailEntry[] = [
  {
    to: "/events",
    label: eventsText.rail,
    icon: IconActivity,
    group: "operate",
    order: 60,
    scope: "tenants:read",
    also: "stream live history",
  },
];

export const eventRoutes = (signedIn: SignedIn) => {
  const list = createRoute({
    getParentRoute: () => signedIn,
    path: "/events",
    validateSearch: (search: RawSearch): EventFilter => textsOf(search, ["kind", "tenant"]),
    component: lazyRouteComponent(() => import("./EventPage"), "EventPage"),
  });
  return [list] as const;
};
