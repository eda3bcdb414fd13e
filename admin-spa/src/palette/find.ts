import { queryOptions } from "@tanstack/react-query";
import { api, unwrap, unwrapWhole } from "../api/client";
import { asProblem } from "../api/problem";
import type { Operation, Tenant, TenantPage } from "../api/types";
import type { Entry } from "./entries";
import { paletteText } from "./text";

const SHOWN = 6;
const { kinds } = paletteText;

/** Tenants whose key, company or host holds what was typed. */
export const tenantsQuery = (q: string) =>
  queryOptions({
    queryKey: ["tenants", "palette", q],
    queryFn: async ({ signal }): Promise<Entry[]> => {
      const page = await unwrapWhole<TenantPage>(
        api.GET("/api/gateway/tenants", { params: { query: { q, limit: SHOWN } }, signal }),
      );
      return page.items.map((tenant) => ({
        id: `tenant ${tenant.id}`,
        group: "tenant",
        label: tenant.key,
        more: tenant.company_name,
        go: { to: `/tenants/${tenant.key}` },
      }));
    },
  });

/** What has this id, whatever it is. Ids of all kinds are alike, so each kind is asked. */
export const idQuery = (id: string) =>
  queryOptions({
    queryKey: ["palette", id],
    queryFn: async ({ signal }): Promise<Entry[]> => {
      const path = { id };
      const either = { id_or_key: id };
      const named = { id_or_name: id };
      const found = await Promise.all([
        look(
          "tenant",
          unwrapWhole<Tenant>(
            api.GET("/api/gateway/tenants/{id_or_key}", { params: { path: either }, signal }),
          ),
          (tenant) => ({ label: tenant.key, to: `/tenants/${tenant.key}` }),
        ),
        look(
          "operation",
          unwrapWhole<Operation>(api.GET("/api/gateway/operations/{id}", { params: { path }, signal })),
          (operation) => ({
            label: `${operation.kind} ${operation.tenant_key}`,
            to: `/operations/${operation.id}`,
          }),
        ),
        look(
          "batch",
          unwrap(api.GET("/api/gateway/batches/{id}", { params: { path }, signal })),
          (batch) => ({
            label: batch.verb.replaceAll("_", " "),
            to: `/batches/${batch.id}`,
          }),
        ),
        look("job", unwrap(api.GET("/api/gateway/jobs/{id}", { params: { path }, signal })), (job) => ({
          label: job.kind,
          to: `/jobs/${job.id}`,
        })),
        look(
          "pool",
          unwrap(api.GET("/api/gateway/pools/{id_or_name}", { params: { path: named }, signal })),
          (pool) => ({ label: pool.name, to: `/pools/${pool.name}` }),
        ),
        look(
          "server",
          unwrap(api.GET("/api/gateway/database-servers/{id_or_name}", { params: { path: named }, signal })),
          (server) => ({ label: server.name, to: `/database-servers/${server.name}` }),
        ),
        look(
          "signup",
          unwrap(api.GET("/api/gateway/signups/{id}", { params: { path }, signal })),
          (signup) => ({
            label: signup.company_name,
            to: `/signups/${signup.id}`,
          }),
        ),
      ]);
      return found.flat();
    },
    retry: false,
  });

async function look<Thing>(
  kind: keyof typeof kinds,
  asked: Promise<Thing>,
  show: (thing: Thing) => { label: string; to: string },
): Promise<Entry[]> {
  try {
    const { label, to } = show(await asked);
    return [{ id: `${kind} ${to}`, group: "found", label, more: kinds[kind], go: { to } }];
  } catch (error) {
    // Not of this kind, or not for this person to see.
    const { status } = asProblem(error);
    if (status === 404 || status === 403 || status === 422) return [];
    throw error;
  }
}
