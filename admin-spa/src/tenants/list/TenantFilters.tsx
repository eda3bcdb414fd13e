import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { type TokenField, TokenSearch } from "../../parts/TokenSearch";
import { type Token, writeToken } from "../../parts/tokens";
import { planListQuery } from "../../plans/api";
import { serverListQuery } from "../../servers/api";
import { useMay } from "../../session/useMay";
import { text } from "../../text";
import { tenantsText } from "../text";
import {
  filterOf,
  filterOfTyped,
  statuses,
  type TenantFilter,
  type TenantSearch,
  tiers,
  typedOf,
} from "./filter";

const words = tenantsText.list;

interface TenantFiltersProps {
  search: TenantSearch;
  pools: readonly { name: string }[];
  onChange: (filter: TenantFilter) => void;
}

/** The search line; what it says lives in the address, so a filtered list can be shared and reloaded. */
export function TenantFilters({ search, pools, onChange }: TenantFiltersProps) {
  const may = useMay();
  const allowed = may("fleet:read");
  const plans = useQuery({ ...planListQuery, enabled: allowed }).data;
  const servers = useQuery({ ...serverListQuery, enabled: allowed }).data;
  const [wrong, setWrong] = useState<readonly Token[]>([]);
  const fields = useMemo((): readonly TokenField[] => {
    const named = (things: readonly { name: string }[] | undefined) =>
      (things ?? []).map(({ name }) => ({ value: name, label: name }));
    return [
      {
        name: "status",
        label: words.fields.status,
        values: statuses.map((value) => ({ value, label: text.status[value] })),
        repeats: true,
      },
      {
        name: "tier",
        label: words.fields.tier,
        values: tiers.map((value) => ({ value, label: text.tier[value] })),
      },
      { name: "pool", label: words.fields.pool, values: named(pools) },
      { name: "plan", label: words.fields.plan, values: named(plans) },
      { name: "server", label: words.fields.server, values: named(servers) },
      { name: "label", label: words.fields.label, repeats: true },
    ];
  }, [pools, plans, servers]);
  return (
    <div>
      <TokenSearch
        fields={fields}
        typed={typedOf(filterOf(search))}
        hint={words.hint}
        onChange={(typed) => {
          const read = filterOfTyped(typed);
          setWrong(read.wrong);
          onChange(read.filter);
        }}
      />
      {wrong.map((token) => (
        <Text key={writeToken(token)} size="sm" c="var(--tone-red)" role="alert" mt={4}>
          {token.name === "label"
            ? words.wrongLabel(writeToken(token))
            : words.wrongToken(writeToken(token), (token.name === "tier" ? tiers : statuses).join(", "))}
        </Text>
      ))}
    </div>
  );
}
