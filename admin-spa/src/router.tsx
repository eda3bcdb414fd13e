import type { QueryClient } from "@tanstack/react-query";
import { createRouter } from "@tanstack/react-router";
import { areaRoutes } from "./areas";
import { loginRoutes } from "./login/routes";
import { FailedPage, NotFoundPage } from "./shell/FailedPage";
import { root, signedIn } from "./signedIn";

const routeTree = root.addChildren([...loginRoutes(root), signedIn.addChildren([...areaRoutes(signedIn)])]);

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
