import { useEffect, useRef } from "react";
import type { Tenant, TenantStatus } from "../api/types";
import { useAnnounce } from "../parts/Announcer";
import { text } from "../text";

/** More changes than this are told as a number. */
const NAMED = 3;

/** Tells screen readers when a tenant that is on screen changes its status. */
export function useStatusNews(tenants: readonly Tenant[]) {
  const announce = useAnnounce();
  const known = useRef(new Map<string, TenantStatus>());
  useEffect(() => {
    const changed = tenants.filter((tenant) => {
      const before = known.current.get(tenant.id);
      return before !== undefined && before !== tenant.status;
    });
    known.current = new Map(tenants.map((tenant) => [tenant.id, tenant.status]));
    if (changed.length === 0) return;
    announce(
      changed.length > NAMED
        ? text.list.announceMany(changed.length)
        : text.list.announce(changed.map((tenant) => text.list.announceOne(tenant.key, tenant.status))),
    );
  }, [tenants, announce]);
}
