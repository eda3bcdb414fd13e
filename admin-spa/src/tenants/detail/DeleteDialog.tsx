import type { Tenant } from "../../api/types";
import { DeleteTenantDialog } from "../DeleteTenantDialog";
import { useAct } from "./useAct";
import { useDialog } from "./useDialog";

/** The dialog of deletion, opened by the address. */
export function DeleteDialog({ tenant }: { tenant: Tenant }) {
  const { dialog, close } = useDialog();
  const { action, act } = useAct(tenant);
  const end = () => {
    action.reset();
    close();
  };
  return (
    <DeleteTenantDialog
      tenant={tenant}
      opened={dialog === "delete"}
      onClose={end}
      onDelete={(how) => act({ verb: "delete", ...how }, end)}
      pending={action.isPending}
      error={action.error}
    />
  );
}
