import { IconKey } from "@tabler/icons-react";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { RailEntry, SignedIn } from "../area";
import type { RawSearch } from "../search";
import { keysText } from "./text";

export const keyRail: readonly RailEntry[] = [
  {
    to: "/keys",
    label: keysText.rail,
    icon: IconKey,
    group: "platform",
    order: 70,
    scope: "keys:read",
    also: "token secret program",
  },
];

export const keyRoutes = (signedIn: SignedIn) => {
  const list = createRoute({
    getParentRoute: () => signedIn,
    path: "/keys",
    validateSearch: (search: RawSearch): { ended?: true } => (search.ended === true ? { ended: true } : {}),
    component: lazyRouteComponent(() => import("./KeyListPage"), "KeyListPage"),
  });
  const create = createRoute({
    getParentRoute: () => signedIn,
    path: "/keys/new",
    component: lazyRouteComponent(() => import("./CreateKeyPage"), "CreateKeyPage"),
  });
  const key = createRoute({
    getParentRoute: () => signedIn,
    path: "/keys/$id",
    component: lazyRouteComponent(() => import("./KeyPage"), "KeyPage"),
  });
  return [list, create, key] as const;
};
