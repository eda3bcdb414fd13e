import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { tenantQuery } from "../../api/tenants";
import type { Tenant } from "../../api/types";

const route = getRouteApi("/signed-in/tenants/$key");

/** The tenant of the page. The frame around the tabs shows them only when it is there; undefined is for the moment between. */
export function useTenant(): Tenant | undefined {
  const { key } = route.useParams();
  return useQuery(tenantQuery(key)).data;
}
