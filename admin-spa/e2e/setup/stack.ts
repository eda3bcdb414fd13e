import { randomBytes } from "node:crypto";
import { request } from "node:http";

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
  traefikApi: given("GATEWAY_TRAEFIK_API_URL"),
  hostSuffix: given("GATEWAY_HOST_SUFFIX"),
  apiKey: given("GATEWAY_API_KEY"),
  email: given("E2E_EMAIL"),
  password: given("E2E_PASSWORD"),
  chromium: given("E2E_CHROMIUM"),
  /** Administrator of the control database. */
  database: given("GATEWAY_DATABASE_URL"),
  redis: given("GATEWAY_DEV_REDIS_URL"),
  routesRoot: given("GATEWAY_REDIS_TRAEFIK_ROOT_KEY"),
  docker: given("GATEWAY_DOCKER_HOST"),
  /** `host:port` at which the tenants' apps reach the database server of the settings. */
  databaseAddress: given("GATEWAY_TENANT_DATABASE_ADDRESS"),
  /** The app of shared tenants. */
  app: given("GATEWAY_APP_BACKEND_URL"),
  /** Administrator of a further database server, whose credential the worker holds under `secondName`. */
  secondServer: given("E2E_SECOND_SERVER_URL"),
  secondName: "eu-2",
  /** The directory for pictures; absent where none are wanted. */
  pictures: process.env.E2E_PICTURES,
};

/** What the API answered. */
export interface Answer {
  status: number;
  text: string;
}

/** Asks the admin API, as the operator unless another key is given; whatever the answer. */
export async function ask(method: string, path: string, body?: unknown, key = stack.apiKey): Promise<Answer> {
  const response = await fetch(new URL(path, stack.url), {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      // What a flow prepares is there when the call is through.
      prefer: "wait=30",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}

/** Calls the admin API as the operator; throws on every refusal. */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const { status, text } = await ask(method, path, body);
  if (status >= 400) throw new Error(`${method} ${path}: ${status} ${text}`);
  return (text ? JSON.parse(text) : undefined) as T;
}

/** A key that no other flow uses: `life-3f9c2a`. */
export const freshKey = (word: string): string => `${word}-${randomBytes(3).toString("hex")}`;

/** What flows look at of a tenant. */
export interface Made {
  id: string;
  key: string;
  status: string;
  database: string | null;
}

export const readTenant = (key: string): Promise<Made> => call("GET", `/api/gateway/tenants/${key}`);

/** Waits until a tenant has a status; fails at once when its work failed. */
export const reaches = (key: string, status: string): Promise<Made> =>
  until(`${key} is ${status}`, async () => {
    const tenant = await readTenant(key);
    if (tenant.status === "error" && status !== "error")
      throw new Error(`${key} failed: ${JSON.stringify(tenant)}`);
    return tenant.status === status ? tenant : undefined;
  });

/** Makes a tenant and waits until it is served. */
export async function createTenant(key: string, companyName: string, more: object = {}): Promise<Made> {
  await call("POST", "/api/gateway/tenants", { key, company_name: companyName, ...more });
  return reaches(key, "active");
}

/** Has the further database server known and reached by workers. */
export async function addSecondServer(): Promise<void> {
  const path = "/api/gateway/database-servers";
  if ((await ask("GET", `${path}/${stack.secondName}`)).status === 404) {
    const host = stack.databaseAddress.replace(/:\d+$/, "");
    const address = `${host}:${new URL(stack.secondServer).port}`;
    await call("POST", path, { name: stack.secondName, address });
  }
  await until("workers reach the further database server", async () => {
    const { problem } = await call<{ problem: string | null }>("GET", `${path}/${stack.secondName}`);
    return problem === null || undefined;
  });
}

/** Where a tenant is reached through Traefik. */
export function tenantUrl(key: string): string {
  const url = new URL(stack.traefik);
  url.hostname = `${key}.${stack.hostSuffix}`;
  return url.href;
}

/** Asks for something of a tenant's host through Traefik. */
export async function askTenant(key: string, path = "/", body?: unknown): Promise<Answer> {
  // The name is only in the header: not every resolver knows names below localhost.
  const entry = new URL(stack.traefik);
  const sent = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        host: entry.hostname,
        port: entry.port,
        path,
        method: sent === undefined ? "GET" : "POST",
        headers: {
          host: new URL(tenantUrl(key)).host,
          ...(sent === undefined ? {} : { "content-type": "application/json" }),
        },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (part: string) => {
          text += part;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    asked.on("error", reject);
    asked.end(sent);
  });
}

/** Waits until Traefik answers for a tenant's host with this status. */
export const answers = (key: string, status: number): Promise<Answer> =>
  until(`${key} answers ${status}`, async () => {
    const answer = await askTenant(key);
    return answer.status === status ? answer : undefined;
  });

const DEADLINE_MS = 120_000;
const PAUSE_MS = 250;

/** Asks again until there is an answer; fails with what was waited for. */
export async function until<T>(what: string, look: () => Promise<T | undefined | null>): Promise<T> {
  const deadline = Date.now() + DEADLINE_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null) return found;
    if (Date.now() > deadline) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
