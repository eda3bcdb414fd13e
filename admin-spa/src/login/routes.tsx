import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { type RawSearch, textsOf } from "../search";
import type { root as rootRoute } from "../signedIn";

/** The pages that need nobody signed in. */
export const loginRoutes = (root: typeof rootRoute) => {
  const login = createRoute({
    getParentRoute: () => root,
    path: "/login",
    validateSearch: (search: RawSearch): { next?: string; over?: true } => ({
      ...textsOf(search, ["next"]),
      ...(search.over === true ? { over: true } : {}),
    }),
    component: lazyRouteComponent(() => import("./LoginPage"), "LoginPage"),
  });
  const forgotten = createRoute({
    getParentRoute: () => root,
    path: "/forgotten",
    component: lazyRouteComponent(() => import("./ForgottenPage"), "ForgottenPage"),
  });
  // The links of invites and letters lead to these two; the server writes them.
  const reset = createRoute({
    getParentRoute: () => root,
    path: "/reset",
    component: lazyRouteComponent(() => import("./ResetPage"), "ResetPage"),
  });
  const invite = createRoute({
    getParentRoute: () => root,
    path: "/invite",
    component: lazyRouteComponent(() => import("./InvitePage"), "InvitePage"),
  });
  return [login, forgotten, reset, invite] as const;
};
