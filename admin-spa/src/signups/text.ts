import type { SignupState } from "./api";

const state: Record<SignupState, string> = {
  waiting_proof: "Waits for the address to be proved",
  waiting_approval: "Waits for you",
  accepted: "Accepted",
  refused: "Refused",
  expired: "Expired",
};

/** The words of the pages about signups. */
export const signupsText = {
  rail: "Signups",
  title: "Signups",
  caption: "Signups, newest first",
  state,
  stateFilter: "State",
  any: "Any state",
  columns: { company: "Company", state: "State", email: "Email", created: "Began", until: "Waits until" },
  emptyTitle: "No signup",
  empty:
    "Customers who sign up by themselves appear here. Signing up is off until the setting signup_enabled turns it on.",
  noMatch: "No signup is in this state.",
  showAll: "Show all",
  cli: "gatewayctl signup list",
  facts: "Signup",
  fields: {
    state: "State",
    key: "Key",
    company: "Company",
    email: "Email",
    proved: "Address proved",
    contact: "Contact",
    phone: "Phone",
    firstUser: "Left for the app",
    firstUserKept: "The first user’s details wait to be taken by the tenant’s app",
    by: "Decided by",
    reason: "Reason",
    created: "Began",
    until: "Waits until",
    ended: "Ended",
    tenant: "Tenant",
    id: "Id",
  },
  notProved: "Not yet",
  openTenant: "Open the tenant",
  decide: "Your decision",
  decideHint:
    "Approving makes the tenant at once. Refusing frees the key; the reason is for your records only.",
  approve: "Approve",
  approved: (company: string) => `${company} is approved; its tenant is being made.`,
  refuse: "Refuse…",
  refuseTitle: (company: string) => `Refuse ${company}?`,
  refuseBody: "This can’t be taken back; the customer can sign up again.",
  reason: "Reason",
  reasonHint: "Kept with the signup. May stay empty.",
  refuseSubmit: "Refuse",
  refused: (company: string) => `${company} is refused.`,
} as const;
