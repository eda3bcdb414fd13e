/** A page that is held to accessibility, by its address. */
interface ShownPage {
  /** Its name in messages. */
  name: string;
  address: string;
}

/** Things that pages are about. */
interface Shown {
  /** A tenant that is served, and one with a container of its own. */
  tenant: string;
  dedicated: string;
  /** A tenant whose work failed. */
  failed: string;
  job: string;
  operation: string;
  batch: string;
  apiKey: string;
  signup: string;
  user: string;
}

/** Every page that is seen behind the login, and dialogs over them. */
export const pagesOf = (has: Shown): readonly ShownPage[] => [
  { name: "overview", address: "/" },
  { name: "account", address: "/account" },
  { name: "audit log", address: "/audit" },
  { name: "events", address: "/events" },
  { name: "signups", address: "/signups" },
  { name: "signup", address: `/signups/${has.signup}` },
  { name: "API keys", address: "/keys" },
  { name: "new API key", address: "/keys/new" },
  { name: "API key", address: `/keys/${has.apiKey}` },
  { name: "users", address: "/users" },
  { name: "users, asked to invite", address: "/users?dialog=invite" },
  { name: "user", address: `/users/${has.user}` },
  { name: "settings", address: "/settings" },
  { name: "tenants", address: "/tenants" },
  { name: "tenants, none matches", address: "/tenants?q=nobody-has-this" },
  { name: "tenants, one beside the list", address: `/tenants?peek=${has.tenant}` },
  { name: "tenants, many asked to pause", address: "/tenants?bulk=pause" },
  { name: "new tenant", address: "/tenants/new" },
  { name: "tenant", address: `/tenants/${has.tenant}` },
  { name: "tenant that failed", address: `/tenants/${has.failed}` },
  { name: "tenant, how to connect", address: `/tenants/${has.tenant}?dialog=connection` },
  { name: "tenant, its steps", address: `/tenants/${has.tenant}/provisioning` },
  { name: "tenant, its steps that failed", address: `/tenants/${has.failed}/provisioning` },
  { name: "tenant, its resources", address: `/tenants/${has.tenant}/resources` },
  { name: "tenant, asked to repair", address: `/tenants/${has.tenant}/resources?dialog=repair` },
  { name: "tenant, its route", address: `/tenants/${has.tenant}/routes` },
  { name: "tenant, its metrics", address: `/tenants/${has.tenant}/metrics` },
  { name: "tenant, stats of its container", address: `/tenants/${has.dedicated}/stats` },
  { name: "tenant, log of its container", address: `/tenants/${has.dedicated}/logs` },
  { name: "tenant, its activity", address: `/tenants/${has.tenant}/activity` },
  { name: "tenant, its settings", address: `/tenants/${has.tenant}/settings` },
  { name: "tenant, asked to suspend", address: `/tenants/${has.tenant}/settings?dialog=suspend` },
  { name: "tenant, asked to delete", address: `/tenants/${has.tenant}/settings?dialog=delete` },
  { name: "operations", address: "/operations" },
  { name: "operation", address: `/operations/${has.operation}` },
  { name: "batches", address: "/batches" },
  { name: "batch", address: `/batches/${has.batch}` },
  { name: "failure codes", address: "/failure-codes" },
  { name: "pools", address: "/pools" },
  { name: "pools as a table", address: "/pools?view=table" },
  { name: "pool", address: "/pools/default" },
  { name: "pool, asked to stop", address: "/pools/default?ask=stop" },
  { name: "edit pool", address: "/pools/default/edit" },
  { name: "new pool", address: "/new/pool" },
  { name: "database servers", address: "/database-servers" },
  { name: "database server", address: "/database-servers/default" },
  { name: "database server, asked to drain", address: "/database-servers/default?ask=drain" },
  { name: "edit database server", address: "/database-servers/default/edit" },
  { name: "new database server", address: "/new/database-server" },
  { name: "plans", address: "/plans" },
  { name: "plan", address: "/plans/default" },
  { name: "plan, asked to delete", address: "/plans/default?ask=delete" },
  { name: "edit plan", address: "/plans/default/edit" },
  { name: "new plan", address: "/new/plan" },
  { name: "routes", address: `/routes?show=${has.tenant}` },
  { name: "routes, asked to republish", address: "/routes?ask=republish" },
  { name: "explain", address: `/routes/explain?url=http://${has.tenant}.localhost/` },
  { name: "drift", address: "/drift" },
  { name: "drift, asked to repair", address: "/drift?ask=repair" },
  { name: "orphans", address: "/orphans" },
  { name: "verify", address: "/verify" },
  { name: "jobs", address: "/jobs" },
  { name: "job", address: `/jobs/${has.job}` },
  { name: "capacity", address: "/capacity" },
  { name: "topology", address: "/topology" },
  { name: "placement", address: "/placement" },
  { name: "no such page", address: "/nothing/here" },
];

/** Pages that are seen without a session. */
export const closedPages: readonly ShownPage[] = [
  { name: "login", address: "/login" },
  { name: "forgotten password", address: "/forgotten" },
  { name: "invitation", address: "/invite#token=nobody" },
  { name: "new password", address: "/reset#token=nobody" },
];

/** The ten pictures of the documentation. */
export const pictures = [
  { file: "overview-light-1440", address: "/", scheme: "light", width: 1440 },
  { file: "overview-dark-390", address: "/", scheme: "dark", width: 390 },
  { file: "tenants-light-1440", address: "/tenants", scheme: "light", width: 1440 },
  { file: "tenants-dark-390", address: "/tenants", scheme: "dark", width: 390 },
  { file: "tenant-dark-1440", address: "/tenants/acme", scheme: "dark", width: 1440 },
  { file: "failed-light-1440", address: "/tenants/vandelay/provisioning", scheme: "light", width: 1440 },
  { file: "route-light-1440", address: "/tenants/acme/routes", scheme: "light", width: 1440 },
  { file: "topology-dark-1440", address: "/topology", scheme: "dark", width: 1440 },
  { file: "capacity-light-390", address: "/capacity", scheme: "light", width: 390 },
  { file: "metrics-dark-1440", address: "/tenants/acme/metrics", scheme: "dark", width: 1440 },
] as const;
