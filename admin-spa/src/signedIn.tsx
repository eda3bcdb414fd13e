import type { QueryClient } from "@tanstack/react-query";
import { createRootRouteWithContext, createRoute, Outlet, redirect } from "@tanstack/react-router";
import { isSignedOut } from "./api/problem";
import { meQuery } from "./api/session";
import { endQuery } from "./live/end";
import { Announcer } from "./parts/Announcer";
import { Notices } from "./parts/Notices";
import { Shell } from "./shell/Shell";

export const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  component: () => (
    <Announcer>
      <Notices>
        <Outlet />
      </Notices>
    </Announcer>
  ),
});

/** Everything behind the login. Asks who is signed in before any page of it starts to load. */
export const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  beforeLoad: async ({ context, location }) => {
    try {
      await Promise.all([
        context.queries.ensureQueryData(meQuery),
        // Known before a page reads anything: what happens from here on the stream tells.
        context.queries.ensureQueryData(endQuery),
      ]);
    } catch (error) {
      if (isSignedOut(error)) throw redirect({ to: "/login", search: { next: location.href } });
      throw error;
    }
  },
  component: Shell,
});
