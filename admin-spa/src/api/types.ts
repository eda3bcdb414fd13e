import type { components } from "./schema";

type Schemas = components["schemas"];

export type Tenant = Schemas["Tenant"];
export type TenantPage = Schemas["TenantList"];
export type TenantStatus = Tenant["status"];
export type Tier = Tenant["tier"];
export type CreateTenant = Schemas["CreateTenant"];
export type Operation = Schemas["Operation"];
export type OperationPage = Schemas["OperationList"];
export type OperationKind = Operation["kind"];
export type OperationState = Operation["state"];
export type Step = NonNullable<Operation["steps"]>[number];
export type StepName = Step["step"];
export type StepState = Step["state"];
export type Me = Schemas["Me"];
export type Login = Schemas["Login"];
export type FieldError = Schemas["FieldError"];
export type GatewayEvent = Schemas["Event"];
export type EventKind = Schemas["EventKind"];
export type Role = Schemas["Role"];
export type User = Schemas["User"];
export type Session = Schemas["Session"];
export type ApiKey = Schemas["ApiKey"];
/** The document names no fields of these two: they are those of any target. */
export type AuditEntry = Omit<Schemas["AuditEntry"], "before" | "after"> & {
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
};
export type Signup = Schemas["Signup"];
export type Link = Schemas["Link"];
