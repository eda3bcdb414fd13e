import type { Place } from "../fleet/placement";
import type { DatabaseServer } from "./api";

/** A database server as placement sees it. All of them weigh the same. */
export const asPlace = (server: DatabaseServer): Place => ({
  name: server.name,
  state: server.state,
  tenants: server.tenants,
  capacity: server.capacity ?? null,
  weight: 1,
});
