import type { Tenant } from "../../api/types";
import { text } from "../../text";

const { network: kinds, networkNamed } = text.tenant;

/** Which network a tenant is to have, in words; null where it is to have its own and nothing is known of one. */
export function networkOf({ network, network_name: name, subnet }: Tenant): string | null {
  if (network === "per-pool") return name ? networkNamed["per-pool"](name) : kinds[network];
  if (network === "none") return kinds[network];
  return name && subnet ? networkNamed["per-tenant"](name, subnet) : subnet;
}
