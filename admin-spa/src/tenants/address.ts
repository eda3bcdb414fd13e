import type { Tenant } from "../api/types";

/** How a tenant is named in an address: by its key while it lives; then the key is free for another, and its id is left. */
export const addressOf = ({ id, key, status }: Pick<Tenant, "id" | "key" | "status">): string =>
  status === "deleted" ? id : key;
