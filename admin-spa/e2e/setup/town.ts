// A fleet that looks like one in use, for pictures; and a tenant that fails, for whoever needs one.
import { randomUUID } from "node:crypto";
import { baseOf, sql } from "./parts";
import { addSecondServer, answers, ask, askTenant, call, createTenant, reaches, stack, until } from "./stack";

/** Keys, names, and what is special about each. */
const companies: readonly [string, string, object?][] = [
  ["acme", "Acme Corporation", { labels: { region: "eu", team: "growth" } }],
  ["globex", "Globex", { tier: "dedicated", labels: { region: "eu" } }],
  ["initech", "Initech", { labels: { region: "us" } }],
  ["umbrella", "Umbrella Health", { labels: { region: "eu" } }],
  ["hooli", "Hooli", { tier: "dedicated", labels: { region: "us", team: "growth" } }],
  ["stark", "Stark Industries", { labels: { region: "us" } }],
  ["wayne", "Wayne Enterprises", { labels: { region: "us" } }],
  ["wonka", "Wonka Confectionery", { labels: { region: "eu" } }],
  ["tyrell", "Tyrell", { labels: { region: "us", team: "pilot" } }],
  ["cyberdyne", "Cyberdyne Systems", { labels: { region: "us" } }],
  ["massive", "Massive Dynamic", { labels: { region: "eu", team: "pilot" } }],
];
const SUSPENDED = "cyberdyne";
const FAILED = ["vandelay", "Vandelay Industries"] as const;

/** Makes a tenant whose work fails: its role is there already, on every server, and not the gateway's. */
export async function failTenant(key: string, companyName: string): Promise<string> {
  const id = randomUUID();
  const role = `CREATE ROLE ${baseOf(id)}_owner`;
  await Promise.all([sql(role), sql(role, stack.secondServer)]);
  await sql(
    `INSERT INTO gateway.tenant (id, key, company_name) VALUES ('${id}', '${key}', '${companyName}')`,
  );
  await reaches(key, "error");
  return key;
}

/** Makes what is missing of the fleet in the pictures. */
export async function buildTown(): Promise<void> {
  await addSecondServer();
  await ask("POST", "/api/gateway/pools", { name: "eu-west", members: [stack.app], capacity: 200 });
  for (const [name, title, limits] of [
    ["team", "Team", { connection_limit: 20 }],
    ["business", "Business", { connection_limit: 60, memory_mib: 512 }],
  ] as const) {
    await ask("POST", "/api/gateway/plans", { name, title, ...limits });
  }
  for (const [key, name, more] of companies) {
    if ((await ask("GET", `/api/gateway/tenants/${key}`)).status !== 200)
      await createTenant(key, name, { ...more, plan: key.length > 5 ? "business" : "team" });
  }
  await call("POST", `/api/gateway/tenants/${SUSPENDED}/suspend`);
  if ((await ask("GET", `/api/gateway/tenants/${FAILED[0]}`)).status !== 200) await failTenant(...FAILED);
  for (const [key] of companies) await askTenant(key);
  await answers(SUSPENDED, 503);
  await writePast();
  await call("POST", "/api/gateway/jobs", { kind: "reconcile", parameters: { dry_run: true } });
  const { id } = await call<{ id: string }>("POST", "/api/gateway/jobs", { kind: "verify", parameters: {} });
  await until("the fleet was verified", async () => {
    const { state } = await call<{ state: string }>("GET", `/api/gateway/jobs/${id}`);
    return state === "succeeded" || undefined;
  });
}

/**
 * The hour before: what was asked of tenants, and how full the fleet was. A stack of minutes has none, and little in its last
 * minutes. The requests go on for the minutes that the pictures take, as nobody asks then.
 */
const writePast = (): Promise<string> =>
  sql(`
    INSERT INTO gateway.traffic (tenant_id, at, seconds, requests, errors, durations)
    SELECT t.id, to_timestamp(floor(extract(epoch FROM now()) / 5) * 5) - n * interval '5 s', 5, c.requests, (c.requests > 60 AND n % 97 = 0)::int,
           ARRAY[c.requests * 35 / 100, c.requests * 30 / 100, c.requests * 20 / 100, c.requests * 10 / 100,
                 c.requests - c.requests * 35 / 100 - c.requests * 30 / 100 - c.requests * 20 / 100 - c.requests * 10 / 100
                   - (n % 7 = 0)::int, (n % 7 = 0)::int, 0, 0, 0, 0, 0, 0, 0]
      FROM (SELECT id, weight FROM gateway.tenant
              JOIN (VALUES ('acme', 5.0), ('globex', 3.0), ('initech', 2.0), ('hooli', 4.0), ('wayne', 1.5)) w (key, weight) USING (key)
            UNION ALL VALUES ('00000000-0000-0000-0000-000000000000'::uuid, 16.0)) t,
           generate_series(-120, 720) n,
           LATERAL (SELECT greatest(12, (t.weight * (5 + 2 * sin(n / 55.0) + sin(n / 9.0) / 2 + abs(hashint4(n)) % 100 / 90.0))::int)) c (requests)
    ON CONFLICT (tenant_id, at, seconds) DO UPDATE
       SET requests = excluded.requests, errors = excluded.errors, durations = excluded.durations;
    INSERT INTO gateway.level (metric, name, at, value)
    SELECT 'queue_depth', name, date_trunc('minute', now()) - n * interval '1 min',
           CASE WHEN c.turn IN (0, 1, 2) THEN (3 - c.turn) * (1 + abs(hashint4(n)) % 3) ELSE 0 END
      FROM (SELECT DISTINCT name FROM gateway.level WHERE metric = 'queue_depth') l, generate_series(2, 60) n,
           LATERAL (SELECT (n + abs(hashtext(name)) % 13) % 13) c (turn)
    ON CONFLICT DO NOTHING;`);
