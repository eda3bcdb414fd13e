import type { Role } from "../api/types";

const names: Record<Role, string> = {
  owner: "owner",
  operator: "operator",
  viewer: "viewer",
  support: "support",
};

const meanings: Record<Role, string> = {
  owner: "Everything, including people, API keys and credentials.",
  operator: "Tenants, pools, servers and signups. No people, no keys, no credentials.",
  viewer: "Looks at everything but people, keys and the audit log; changes nothing.",
  support: "Looks at tenants and operations for customers; changes nothing.",
};

/** The roles from the one that may most to the one that may least. */
export const roles: readonly Role[] = ["owner", "operator", "viewer", "support"];

/** A role in words; one this build does not know keeps the server's word. */
export const roleName = (role: string): string => (role in names ? names[role as Role] : role);

/** What a role may do, in one sentence. */
export const roleMeaning = (role: Role): string => meanings[role];
