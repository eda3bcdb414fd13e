import type { ApiKey } from "../api/types";
import { keysText } from "./text";

/** Which tenants a key sees, in words. */
export const reachWords = ({ tenants, pools }: Pick<ApiKey, "tenants" | "pools">): string =>
  tenants || pools ? keysText.reach.some(tenants?.length ?? 0, pools?.length ?? 0) : keysText.reach.all;
