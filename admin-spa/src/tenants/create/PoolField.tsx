import { NativeSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { ratePlaces } from "../../fleet/placement";
import { type Pool, poolListQuery } from "../../pools/api";
import { useMay } from "../../session/useMay";
import { tenantsText } from "../text";
import type { TenantForm } from "./useTenantForm";

const words = tenantsText.create;

/** Why the gateway would choose the pool it would choose now. */
function whyAutomatic(pools: readonly Pool[]): string {
  const best = ratePlaces(pools).find(({ verdict }) => verdict === "chosen")?.place;
  return best ? words.automaticWhy(best.name, words.load(best.tenants, best.weight)) : words.noRoom;
}

function lineOf(pool: Pool): string {
  const line = words.poolLine(pool.name, tenantsText.count(pool.tenants), pool.capacity);
  const full = pool.capacity !== null && pool.tenants >= pool.capacity;
  const closed = pool.state !== "active" ? words.closed[pool.state] : full ? words.closed.full : "";
  return closed ? `${line} (${closed})` : line;
}

/** Which shared pool serves it: the gateway's choice with its reason, or one that has room. */
export function PoolField({ form }: { form: TenantForm }) {
  const may = useMay();
  const pools = useQuery({ ...poolListQuery, enabled: may("fleet:read") }).data;
  if (!pools) return null;
  const hasRoom = (pool: Pool) =>
    pool.state === "active" && (pool.capacity === null || pool.tenants < pool.capacity);
  return (
    <NativeSelect
      label={words.pool}
      name="pool_id"
      description={form.typed.pool === "" ? whyAutomatic(pools) : undefined}
      value={form.typed.pool}
      onChange={(event) => form.change("pool_id", { pool: event.currentTarget.value })}
      error={form.errors.pool_id}
      data={[
        { value: "", label: words.automatic },
        ...pools.map((pool) => ({ value: pool.id, label: lineOf(pool), disabled: !hasRoom(pool) })),
      ]}
    />
  );
}
