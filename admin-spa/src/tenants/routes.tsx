import { IconBuildings } from "@tabler/icons-react";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { RailEntry, SignedIn } from "../area";
import { asOneOf, asTexts, type RawSearch, textsOf } from "../search";
import { type Range, ranges } from "../series/api";
import { text } from "../text";
import { readLogSearch } from "./detail/logSearch";
import { readSearch } from "./list/filter";

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

/** The dialogs of a tenant's pages; the open one stands in the address. */
const tenantDialogs = ["connection", "suspend", "rotate", "move", "delete", "repair"] as const;
export type TenantDialog = (typeof tenantDialogs)[number];

export const tenantRoutes = (signedIn: SignedIn) => {
  const list = createRoute({
    getParentRoute: () => signedIn,
    path: "/tenants",
    validateSearch: readSearch,
    component: lazyRouteComponent(() => import("./list/TenantListPage"), "TenantListPage"),
  });
  const create = createRoute({
    getParentRoute: () => signedIn,
    path: "/tenants/new",
    component: lazyRouteComponent(() => import("./create/CreateTenantPage"), "CreateTenantPage"),
  });
  const tenant = createRoute({
    getParentRoute: () => signedIn,
    path: "/tenants/$key",
    validateSearch: (search: RawSearch): { dialog?: TenantDialog } => {
      const dialog = asOneOf(search.dialog, tenantDialogs);
      return dialog ? { dialog } : {};
    },
    component: lazyRouteComponent(() => import("./detail/TenantPage"), "TenantPage"),
  });
  const overview = createRoute({
    getParentRoute: () => tenant,
    path: "/",
    component: lazyRouteComponent(() => import("./detail/OverviewTab"), "OverviewTab"),
  });
  const provisioning = createRoute({
    getParentRoute: () => tenant,
    path: "/provisioning",
    validateSearch: (search: RawSearch) => textsOf(search, ["operation"]),
    component: lazyRouteComponent(() => import("./detail/ProvisioningTab"), "ProvisioningTab"),
  });
  const resources = createRoute({
    getParentRoute: () => tenant,
    path: "/resources",
    component: lazyRouteComponent(() => import("./detail/ResourcesTab"), "ResourcesTab"),
  });
  const routes = createRoute({
    getParentRoute: () => tenant,
    path: "/routes",
    validateSearch: (search: RawSearch) => textsOf(search, ["path", "method", "headers"]),
    component: lazyRouteComponent(() => import("./detail/RoutesTab"), "RoutesTab"),
  });
  const metrics = createRoute({
    getParentRoute: () => tenant,
    path: "/metrics",
    validateSearch: (search: RawSearch): { range?: Range } => {
      const range = asOneOf(search.range, ranges);
      return range ? { range } : {};
    },
    component: lazyRouteComponent(() => import("./detail/MetricsTab"), "MetricsTab"),
  });
  const stats = createRoute({
    getParentRoute: () => tenant,
    path: "/stats",
    component: lazyRouteComponent(() => import("./detail/StatsTab"), "StatsTab"),
  });
  const logs = createRoute({
    getParentRoute: () => tenant,
    path: "/logs",
    validateSearch: readLogSearch,
    component: lazyRouteComponent(() => import("./detail/LogsTab"), "LogsTab"),
  });
  const activity = createRoute({
    getParentRoute: () => tenant,
    path: "/activity",
    validateSearch: (search: RawSearch): { hide?: string[] } => {
      const hide = asTexts(search.hide);
      return hide.length > 0 ? { hide } : {};
    },
    component: lazyRouteComponent(() => import("./detail/ActivityTab"), "ActivityTab"),
  });
  const settings = createRoute({
    getParentRoute: () => tenant,
    path: "/settings",
    component: lazyRouteComponent(() => import("./detail/SettingsTab"), "SettingsTab"),
  });
  return [
    list,
    create,
    tenant.addChildren([overview, provisioning, resources, routes, metrics, stats, logs, activity, settings]),
  ] as const;
};
