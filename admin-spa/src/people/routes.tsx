import { IconUsers } from "@tabler/icons-react";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { Role } from "../api/types";
import type { RailEntry, SignedIn } from "../area";
import { asOneOf, type RawSearch, textsOf } from "../search";
import { roles } from "../session/roles";
import type { UserState } from "./api";
import { peopleText } from "./text";

export const peopleRail: readonly RailEntry[] = [
  {
    to: "/users",
    label: peopleText.rail,
    icon: IconUsers,
    group: "platform",
    order: 80,
    scope: "users:read",
    also: "people accounts invite owner operator viewer",
  },
];

interface UserSearch {
  role?: Role;
  state?: UserState;
  cursor?: string;
  dialog?: "invite";
}

const STATES: readonly UserState[] = ["invited", "active", "disabled"];

export const peopleRoutes = (signedIn: SignedIn) => {
  const list = createRoute({
    getParentRoute: () => signedIn,
    path: "/users",
    validateSearch: (search: RawSearch): UserSearch => {
      const role = asOneOf(search.role, roles);
      const state = asOneOf(search.state, STATES);
      return {
        ...textsOf(search, ["cursor"]),
        ...(role ? { role } : {}),
        ...(state ? { state } : {}),
        ...(search.dialog === "invite" ? { dialog: "invite" } : {}),
      };
    },
    component: lazyRouteComponent(() => import("./UserListPage"), "UserListPage"),
  });
  const user = createRoute({
    getParentRoute: () => signedIn,
    path: "/users/$email",
    component: lazyRouteComponent(() => import("./UserPage"), "UserPage"),
  });
  return [list, user] as const;
};
