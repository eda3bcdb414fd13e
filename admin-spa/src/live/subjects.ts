import type { QueryKey } from "@tanstack/react-query";
import type { GatewayEvent } from "../api/types";

/**
 * What an event means for what is shown. Queries begin with a noun (`["tenants", …]`); those about one thing go on with
 * `"one"` and its id or key (`["tenants", "one", "acme", …]`) and are only read again when the event is about that thing.
 */
const nounsOf: Record<string, readonly string[]> = {
  tenant: ["tenants", "routes", "capacity", "pools", "servers", "plans", "batches", "signups", "drift"],
  operation: ["operations", "tenants", "batches", "capacity"],
  job: ["jobs", "drift", "orphans", "routes", "traefik"],
  pool: ["pools", "capacity", "routes", "traefik"],
  server: ["servers", "capacity"],
  database_server: ["servers", "capacity"],
  plan: ["plans"],
  api_key: ["keys"],
  signup: ["signups"],
  user: ["users"],
};

/** Nouns whose queries about one thing carry an id that events name. */
const NAMED: readonly string[] = ["tenants", "operations"];

/** Everything some events are about. */
export class Subjects {
  readonly #nouns = new Set<string>();
  readonly #things = new Set<string>();

  get isEmpty(): boolean {
    return this.#nouns.size === 0;
  }

  add(event: Pick<GatewayEvent, "kind" | "tenant_id" | "tenant_key" | "operation_id">): void {
    const family = event.kind.slice(0, event.kind.lastIndexOf("."));
    for (const noun of nounsOf[family] ?? []) this.#nouns.add(noun);
    this.#nouns.add("events");
    this.#nouns.add("audit");
    for (const thing of [event.tenant_id, event.tenant_key, event.operation_id]) {
      if (thing) this.#things.add(thing);
    }
  }

  /** Whether what a query has read may have changed. */
  touch(key: QueryKey): boolean {
    const [noun, one, thing] = key;
    if (typeof noun !== "string" || !this.#nouns.has(noun)) return false;
    return one !== "one" || !NAMED.includes(noun) || (typeof thing === "string" && this.#things.has(thing));
  }
}
