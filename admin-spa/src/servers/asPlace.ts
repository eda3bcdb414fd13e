import type { Place } from "../fleet/placement";
import type { DatabaseServer } from "./api";

/** What a server's problem says where no worker has told for a while that it holds the credential. */
const NO_CREDENTIAL = "no_credential";

/** A database server as placement sees it. */
export const asPlace = (server: DatabaseServer): Place => ({
  name: server.name,
  state: server.state,
  tenants: server.tenants,
  capacity: server.capacity,
  weight: server.weight,
  unheld: server.problem === NO_CREDENTIAL,
  resting: server.problem !== null && server.problem !== NO_CREDENTIAL,
});
