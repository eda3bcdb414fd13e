import { IconUserPlus } from "@tabler/icons-react";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { RailEntry, SignedIn } from "../area";
import { asOneOf, type RawSearch, textsOf } from "../search";
import { type SignupFilter, signupStates } from "./api";
import { signupsText } from "./text";

export const signupRail: readonly RailEntry[] = [
  {
    to: "/signups",
    label: signupsText.rail,
    icon: IconUserPlus,
    group: "operate",
    order: 50,
    scope: "signups:read",
    also: "register approve new customers",
  },
];

export const signupRoutes = (signedIn: SignedIn) => {
  const list = createRoute({
    getParentRoute: () => signedIn,
    path: "/signups",
    validateSearch: (search: RawSearch): SignupFilter => {
      const state = asOneOf(search.state, signupStates);
      return { ...textsOf(search, ["cursor"]), ...(state ? { state } : {}) };
    },
    component: lazyRouteComponent(() => import("./SignupListPage"), "SignupListPage"),
  });
  const signup = createRoute({
    getParentRoute: () => signedIn,
    path: "/signups/$id",
    component: lazyRouteComponent(() => import("./SignupPage"), "SignupPage"),
  });
  return [list, signup] as const;
};
