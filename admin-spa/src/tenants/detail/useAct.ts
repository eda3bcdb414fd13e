import { type TenantAction, useTenantAction } from "../../api/tenants";
import type { Tenant } from "../../api/types";
import { useNotice } from "../../parts/Notices";
import { detailText } from "./text";

/** Asks for a change of a tenant and says so when it was accepted. */
export function useAct(tenant: Pick<Tenant, "key">) {
  const action = useTenantAction(tenant.key);
  const notify = useNotice();
  const act = (wish: TenantAction, onDone?: () => void) =>
    action.mutate(wish, {
      onSuccess: () => {
        notify({ tone: "blue", message: detailText.done[wish.verb](tenant.key) });
        onDone?.();
      },
    });
  return { action, act };
}
