import { getRouteApi, useNavigate } from "@tanstack/react-router";
import type { TenantDialog } from "../routes";

const route = getRouteApi("/signed-in/tenants/$key");

/** Which dialog of the tenant's pages is open. It stands in the address: "back" closes it, a link opens it. */
export function useDialog() {
  const { dialog } = route.useSearch();
  const navigate = useNavigate();
  const go = (next: TenantDialog | undefined, replace: boolean) =>
    void navigate({
      to: ".",
      search: (before: Record<string, unknown>) => {
        const { dialog: _, ...rest } = before;
        return next ? { ...rest, dialog: next } : rest;
      },
      replace,
      resetScroll: false,
    } as never);
  return {
    dialog,
    open: (next: TenantDialog) => go(next, false),
    close: () => go(undefined, true),
  };
}
