import type { QueryClient } from "@tanstack/react-query";
import { createRoute, createRouter, redirect } from "@tanstack/react-router";
import { areaRoutes } from "./areas";
import { LoginPage } from "./login/LoginPage";
import { textsOf } from "./search";
import { FailedPage, NotFoundPage } from "./shell/FailedPage";
import { root, signedIn } from "./signedIn";

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: (search: Record<string, unknown>): { next?: string } => textsOf(search, ["next"]),
  component: LoginPage,
});

const home = createRoute({
  getParentRoute: () => signedIn,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/tenants", replace: true });
  },
});

const routeTree = root.addChildren([login, signedIn.addChildren([home, ...areaRoutes(signedIn)])]);

/** The console's router over the given cache. */
export function createConsoleRouter(queries: QueryClient) {
  return createRouter({
    routeTree,
    context: { queries },
    defaultPreload: "intent",
    scrollRestoration: true,
    defaultErrorComponent: FailedPage,
    defaultNotFoundComponent: NotFoundPage,
  });
}

export type ConsoleRouter = ReturnType<typeof createConsoleRouter>;

declare module "@tanstack/react-router" {
  interface Register {
    router: ConsoleRouter;
  }
}
