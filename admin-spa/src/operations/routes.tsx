import { IconProgressCheck } from "@tabler/icons-react";
import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import type { RailEntry, SignedIn } from "../area";
import { asOneOf, type RawSearch, textsOf } from "../search";
import { operationsText } from "./text";

export const operationRail: readonly RailEntry[] = [
  {
    to: "/operations",
    label: operationsText.operations,
    icon: IconProgressCheck,
    group: "operate",
    order: 30,
    scope: "operations:read",
    holds: ["/batches", "/failure-codes"],
    also: "work steps batches bulk",
  },
];

const TENANT_STATES = ["waiting", "running", "succeeded", "failed", "refused", "left"] as const;

export const operationRoutes = (signedIn: SignedIn) => {
  const list = createRoute({
    getParentRoute: () => signedIn,
    path: "/operations",
    validateSearch: (search: RawSearch) => textsOf(search, ["tenant", "state", "kind", "cursor"]),
    component: lazyRouteComponent(() => import("./OperationListPage"), "OperationListPage"),
  });
  const one = createRoute({
    getParentRoute: () => signedIn,
    path: "/operations/$id",
    component: lazyRouteComponent(() => import("./OperationPage"), "OperationPage"),
  });
  const batches = createRoute({
    getParentRoute: () => signedIn,
    path: "/batches",
    validateSearch: (search: RawSearch) => textsOf(search, ["cursor"]),
    component: lazyRouteComponent(() => import("./BatchListPage"), "BatchListPage"),
  });
  const batch = createRoute({
    getParentRoute: () => signedIn,
    path: "/batches/$id",
    validateSearch: (search: RawSearch): { state?: (typeof TENANT_STATES)[number] } => {
      const state = asOneOf(search.state, TENANT_STATES);
      return state ? { state } : {};
    },
    component: lazyRouteComponent(() => import("./BatchPage"), "BatchPage"),
  });
  const codes = createRoute({
    getParentRoute: () => signedIn,
    path: "/failure-codes",
    component: lazyRouteComponent(() => import("./FailureCodesPage"), "FailureCodesPage"),
  });
  return [list, one, batches, batch, codes] as const;
};
