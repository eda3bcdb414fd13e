import { randomBytes } from "node:crypto";

/** A setting that `.ci/e2e` hands over. */
function given(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run .ci/e2e`);
  return value;
}

/** Where the stack is and who may do what there. */
export const stack = {
  /** The console and the admin API. */
  url: given("GATEWAY_URL"),
  /** Traefik's entry point of tenants. */
  traefik: given("GATEWAY_TRAEFIK_URL"),
  hostSuffix: given("GATEWAY_HOST_SUFFIX"),
  apiKey: given("GATEWAY_API_KEY"),
  email: given("E2E_EMAIL"),
  password: given("E2E_PASSWORD"),
  chromium: process.env.E2E_CHROMIUM ?? "/usr/bin/chromium",
  /** The directory for pictures; absent where none are wanted. */
  pictures: process.env.E2E_PICTURES,
};

/** Calls the admin API as the operator; throws on every refusal. */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(new URL(path, stack.url), {
    method,
    headers: {
      authorization: `Bearer ${stack.apiKey}`,
      // What a flow prepares is there when the call is through.
      prefer: "wait=30",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return (text ? JSON.parse(text) : undefined) as T;
}

/** A key that no other flow uses: `life-3f9c2a`. */
export const freshKey = (word: string): string => `${word}-${randomBytes(3).toString("hex")}`;

/** Makes a tenant and waits until it is served. */
export async function createTenant(key: string, companyName: string): Promise<{ id: string; key: string }> {
  await call("POST", "/api/gateway/tenants", { key, company_name: companyName });
  return until(`${key} is active`, async () => {
    const tenant = await call<{ id: string; key: string; status: string }>(
      "GET",
      `/api/gateway/tenants/${key}`,
    );
    if (tenant.status === "error") throw new Error(`${key} failed: ${JSON.stringify(tenant)}`);
    return tenant.status === "active" ? tenant : undefined;
  });
}

/** Where a tenant is reached through Traefik. */
export function tenantUrl(key: string): string {
  const url = new URL(stack.traefik);
  url.hostname = `${key}.${stack.hostSuffix}`;
  return url.href;
}

const DEADLINE_MS = 120_000;
const PAUSE_MS = 250;

/** Asks again until there is an answer; fails with what was waited for. */
export async function until<T>(what: string, ask: () => Promise<T | undefined | null>): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const found = await ask();
    if (found !== undefined && found !== null) return found;
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
