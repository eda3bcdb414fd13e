// The English that the pages about the fleet share. Numbers and names come in as arguments.

export const text = {
  rail: {
    pools: "Pools",
    servers: "Database servers",
    capacity: "Capacity",
    plans: "Plans",
    routes: "Routes",
    drift: "Drift",
  },
  soundness: {
    label: "Soundness of the fleet",
    drift: "Drift",
    orphans: "Orphans",
    verify: "Verify",
    jobs: "Jobs",
  },
  capacity: {
    label: "Capacity",
    numbers: "Used and left",
    topology: "Topology",
    placement: "Where would a tenant go",
  },
  bar: {
    of: (limit: string) => `of ${limit}`,
    noLimit: "used",
    noLimitMeaning: "No limit is set",
    left: (amount: string, over: boolean) =>
      over ? `${amount.replace("-", "")} over the limit` : `${amount} left`,
    share: (share: string) => `${share} used`,
    reserved: (amount: string) => `${amount} resting`,
    sentence: (label: string, used: string, limit: string | null) =>
      limit === null ? `${label}: ${used} used, without a limit` : `${label}: ${used} of ${limit} used`,
  },
  unlimited: "no limit",
  tenants: (tenants: number) => `${tenants} ${tenants === 1 ? "tenant" : "tenants"}`,
  measured: "measured",
  columns: { key: "Tenant", status: "Status", plan: "Plan", updated: "Updated" },
  tenantsHere: "Tenants here",
} as const;
