import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { isSignedOut } from "./api/problem";
import { meQuery } from "./api/session";
import type { TenantFilter } from "./api/tenants";
import { LoginPage } from "./login/LoginPage";
import { Announcer } from "./parts/Announcer";
import { FailedPage, NotFoundPage } from "./shell/FailedPage";
import { Shell } from "./shell/Shell";
import { statuses } from "./tenants/statusLooks";
import { TenantListPage } from "./tenants/TenantListPage";

const asText = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" ? String(value) || undefined : undefined;

const root = createRootRouteWithContext<{ queries: QueryClient }>()({
  component: () => (
    <Announcer>
      <Outlet />
    </Announcer>
  ),
});

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: (search: Record<string, unknown>): { next?: string } => {
    const next = asText(search.next);
    return next ? { next } : {};
  },
  component: LoginPage,
});

/** Everything behind the login. Asks who is signed in before any page of it starts to load. */
const signedIn = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.ensureQueryData(meQuery);
    } catch (error) {
      if (isSignedOut(error)) throw redirect({ to: "/login", search: { next: location.href } });
      throw error;
    }
  },
  component: Shell,
});

const home = createRoute({
  getParentRoute: () => signedIn,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/tenants", replace: true });
  },
});

const tenantList = createRoute({
  getParentRoute: () => signedIn,
  path: "/tenants",
  validateSearch: (search: Record<string, unknown>): TenantFilter => {
    const q = asText(search.q);
    // The API takes "ready" for "active", so links made for it work here too.
    const wanted = search.status === "ready" ? "active" : asText(search.status);
    const status = statuses.find((known) => known === wanted);
    return { ...(q ? { q } : {}), ...(status ? { status } : {}) };
  },
  component: TenantListPage,
});

const createTenant = createRoute({
  getParentRoute: () => signedIn,
  path: "/tenants/new",
  component: lazyRouteComponent(() => import("./tenants/CreateTenantPage"), "CreateTenantPage"),
});

const tenant = createRoute({
  getParentRoute: () => signedIn,
  path: "/tenants/$key",
  validateSearch: (search: Record<string, unknown>): { operation?: string } => {
    const operation = asText(search.operation);
    return operation ? { operation } : {};
  },
  component: lazyRouteComponent(() => import("./tenants/TenantPage"), "TenantPage"),
});

const routeTree = root.addChildren([login, signedIn.addChildren([home, tenantList, createTenant, tenant])]);

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
