import { useQuery } from "@tanstack/react-query";
import { driftListQuery } from "../../drift/api";
import { useMay } from "../../session/useMay";

/** What the last look found of a tenant that was not as its row says; nothing is asked where the person may not see it. */
export function useTenantDrift(tenantKey: string) {
  const may = useMay();
  return useQuery({
    ...driftListQuery({ tenant: tenantKey }),
    enabled: tenantKey !== "" && may("fleet:read"),
  });
}
