import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { SignedIn } from "../area";

export const accountRoutes = (signedIn: SignedIn) => {
  const account = createRoute({
    getParentRoute: () => signedIn,
    path: "/account",
    component: lazyRouteComponent(() => import("./AccountPage"), "AccountPage"),
  });
  return [account] as const;
};
