// The parts of the stack by hand, past the gateway: to break something, and to look whether it is there.
import { execFile } from "node:child_process";
import { request } from "node:http";
import { type Made, stack } from "./stack";

const run = (program: string, options: readonly string[], input: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const started = execFile(program, options, { maxBuffer: 64 * 1024 * 1024 }, (error, output, told) =>
      error ? reject(new Error(`${program}: ${told || error.message}`)) : resolve(output.trim()),
    );
    started.stdin?.end(input);
  });

/** Runs SQL, in the control database unless another is given; the fields of a row are parted by `|`. */
export const sql = (statements: string, url = stack.database): Promise<string> =>
  run("psql", ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", "-", url], statements);

/** A text as SQL has it. */
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Whether the further database server has a tenant's database. */
export const isOnSecond = async (tenant: Pick<Made, "database">): Promise<boolean> =>
  (await sql(
    `SELECT count(*) FROM pg_database WHERE datname = ${quoted(tenant.database ?? "")}`,
    stack.secondServer,
  )) === "1";

/** URL of a tenant's own database, for the administrator of the server it is on. */
export async function databaseUrl(tenant: Pick<Made, "database">): Promise<string> {
  const url = new URL((await isOnSecond(tenant)) ? stack.secondServer : stack.database);
  url.pathname = `/${tenant.database}`;
  return url.href;
}

/** Takes what Traefik reads of a tenant out of Redis; says how many keys that were. */
export async function removeRoute(key: string): Promise<number> {
  const redis = (...words: string[]) =>
    run("redis-cli", ["--no-auth-warning", "-u", stack.redis, ...words], "");
  const found = await redis("--scan", "--pattern", `${stack.routesRoot}/http/*/tenant-${key}*`);
  const keys = found.split("\n").filter(Boolean);
  if (keys.length > 0) await redis("DEL", ...keys);
  // Redis tells nobody by itself; Traefik looks when it is told.
  const database = new URL(stack.redis).pathname.slice(1) || "0";
  await redis("PUBLISH", `__keyspace@${database}__:${stack.routesRoot}/rev`, "del");
  return keys.length;
}

/** Whether Traefik has a router for a tenant. */
export const isRouted = async (key: string): Promise<boolean> =>
  (await fetch(new URL(`/api/http/routers/tenant-${key}@redis`, stack.traefikApi))).ok;

/** Asks Docker Engine. */
function docker<T>(method: string, path: string): Promise<T> {
  const host = new URL(stack.docker);
  const where =
    host.protocol === "unix:" ? { socketPath: host.pathname } : { host: host.hostname, port: host.port };
  return new Promise((resolve, reject) => {
    const asked = request({ ...where, method, path, headers: { host: "docker" } }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => {
        if ((response.statusCode ?? 500) >= 400) reject(new Error(`${method} ${path}: ${text}`));
        else resolve((text ? JSON.parse(text) : undefined) as T);
      });
    });
    asked.on("error", reject);
    asked.end();
  });
}

/** The name that a tenant's network, database and roles begin with. */
export const baseOf = (id: string): string => `t_${id.replaceAll("-", "")}`;

/** Ids of a tenant's networks. */
export async function networksOf(id: string): Promise<string[]> {
  const filters = encodeURIComponent(JSON.stringify({ name: [`^${baseOf(id)}$`] }));
  const found = await docker<{ Id: string }[]>("GET", `/networks?filters=${filters}`);
  return found.map((network) => network.Id);
}

export const removeNetwork = (id: string): Promise<void> => docker("DELETE", `/networks/${id}`);
