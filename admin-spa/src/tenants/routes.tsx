import { IconBuildings } from "@tabler/icons-react";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { TenantFilter } from "../api/tenants";
import type { RailEntry, SignedIn } from "../area";
import { asText, type RawSearch } from "../search";
import { text } from "../text";
import { statuses } from "./statusLooks";

export const tenantRail: readonly RailEntry[] = [
  {
    to: "/tenants",
    label: text.tenants,
    icon: IconBuildings,
    group: "operate",
    order: 20,
    scope: "tenants:read",
    also: "customers companies",
  },
];

export const tenantRoutes = (signedIn: SignedIn) => {
  const list = createRoute({
    getParentRoute: () => signedIn,
    path: "/tenants",
    validateSearch: (search: RawSearch): TenantFilter => {
      const q = asText(search.q);
      // The API takes "ready" for "active", so links made for it work here too.
      const wanted = search.status === "ready" ? "active" : asText(search.status);
      const status = statuses.find((known) => known === wanted);
      return { ...(q ? { q } : {}), ...(status ? { status } : {}) };
    },
    component: lazyRouteComponent(() => import("./TenantListPage"), "TenantListPage"),
  });
  const create = createRoute({
    getParentRoute: () => signedIn,
    path: "/tenants/new",
    component: lazyRouteComponent(() => import("./CreateTenantPage"), "CreateTenantPage"),
  });
  const tenant = createRoute({
    getParentRoute: () => signedIn,
    path: "/tenants/$key",
    validateSearch: (search: RawSearch): { operation?: string } => {
      const operation = asText(search.operation);
      return operation ? { operation } : {};
    },
    component: lazyRouteComponent(() => import("./TenantPage"), "TenantPage"),
  });
  return [list, create, tenant] as const;
};
