/** A page that is held to accessibility, by its address. */
export interface ShownPage {
  /** Its name in messages and pictures. */
  name: string;
  address: string;
}

/** Every page of the console; `tenant` is one that is served, `job` one that has ended. */
export const pagesOf = (has: { tenant: string; job: string }): readonly ShownPage[] => [
  { name: "overview", address: "/" },
  { name: "account", address: "/account" },
  { name: "audit log", address: "/audit" },
  { name: "events", address: "/events" },
  { name: "signups", address: "/signups" },
  { name: "API keys", address: "/keys" },
  { name: "new API key", address: "/keys/new" },
  { name: "users", address: "/users" },
  { name: "settings", address: "/settings" },
  { name: "tenants", address: "/tenants" },
  { name: "tenants, none matches", address: "/tenants?q=nobody-has-this" },
  { name: "tenants, one beside the list", address: `/tenants?peek=${has.tenant}` },
  { name: "tenants, many asked to pause", address: "/tenants?bulk=pause" },
  { name: "new tenant", address: "/tenants/new" },
  { name: "tenant", address: `/tenants/${has.tenant}` },
  { name: "tenant, how to connect", address: `/tenants/${has.tenant}?dialog=connection` },
  { name: "tenant, its steps", address: `/tenants/${has.tenant}/provisioning` },
  { name: "tenant, its resources", address: `/tenants/${has.tenant}/resources` },
  { name: "tenant, its route", address: `/tenants/${has.tenant}/routes` },
  { name: "tenant, its activity", address: `/tenants/${has.tenant}/activity` },
  { name: "tenant, its settings", address: `/tenants/${has.tenant}/settings` },
  { name: "tenant, asked to delete", address: `/tenants/${has.tenant}/settings?dialog=delete` },
  { name: "operations", address: "/operations" },
  { name: "batches", address: "/batches" },
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

/** The ten pictures of the documentation. */
export const picturesOf = (has: { tenant: string }) =>
  [
    { file: "tenants-light-1440", address: "/tenants", scheme: "light", width: 1440 },
    { file: "overview-dark-1440", address: "/", scheme: "dark", width: 1440 },
    { file: "tenants-dark-390", address: "/tenants", scheme: "dark", width: 390 },
    { file: "tenant-light-1440", address: `/tenants/${has.tenant}`, scheme: "light", width: 1440 },
    { file: "tenant-dark-1440", address: `/tenants/${has.tenant}`, scheme: "dark", width: 1440 },
    { file: "route-light-1440", address: `/routes?show=${has.tenant}`, scheme: "light", width: 1440 },
    {
      file: "explain-light-390",
      address: `/routes/explain?url=http://${has.tenant}.localhost/`,
      scheme: "light",
      width: 390,
    },
    { file: "verify-light-1440", address: "/verify", scheme: "light", width: 1440 },
    { file: "topology-dark-1440", address: "/topology", scheme: "dark", width: 1440 },
    { file: "capacity-light-390", address: "/capacity", scheme: "light", width: 390 },
  ] as const;
