import { IconHistory } from "@tabler/icons-react";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { RailEntry, SignedIn } from "../area";
import { type RawSearch, textsOf } from "../search";
import type { AuditFilter } from "./api";
import { auditText } from "./text";

export const auditRail: readonly RailEntry[] = [
  {
    to: "/audit",
    label: auditText.rail,
    icon: IconHistory,
    group: "operate",
    order: 70,
    scope: "audit:read",
    also: "who did what history",
  },
];

export const auditRoutes = (signedIn: SignedIn) => {
  const list = createRoute({
    getParentRoute: () => signedIn,
    path: "/audit",
    validateSearch: (search: RawSearch): AuditFilter =>
      textsOf(search, ["actor", "call", "target", "cursor"]),
    component: lazyRouteComponent(() => import("./AuditPage"), "AuditPage"),
  });
  return [list] as const;
};
