import type { Scope } from "../area";

/** What a scope allows, in plain words; in the order they are shown, grouped by what they are about. */
const words: Record<Scope, string> = {
  "tenants:read": "See tenants",
  "tenants:write": "Create, edit and change tenants",
  "tenants:logs": "Read what the apps of dedicated tenants wrote",
  "operations:read": "See operations and their steps",
  "credentials:reveal": "Learn how an app reaches its tenant’s database",
  "fleet:read": "See pools, servers, plans, routes, drift, jobs and capacity",
  "fleet:write": "Change pools, servers and plans; repair, republish, ask for jobs",
  "keys:read": "See API keys",
  "keys:write": "Make, exchange and revoke API keys",
  "audit:read": "See and check the audit log",
  "users:read": "See people, roles and sessions",
  "users:write": "Invite, change and remove people",
  "signups:read": "See signups",
  "signups:write": "Approve and refuse signups",
};

export const scopes = Object.keys(words) as Scope[];

/** A scope in words; one this build does not know keeps the server's word. */
export const scopeWords = (scope: string): string => (scope in words ? words[scope as Scope] : scope);
