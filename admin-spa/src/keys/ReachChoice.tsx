import { Checkbox, Radio, Stack, Text, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Loaded } from "../parts/Loaded";
import { useMay } from "../session/useMay";
import { poolChoiceQuery } from "./api";
import { keysText } from "./text";

const words = keysText.form;

/** Which tenants a key sees. What was typed for one kind stays while another is looked at. */
export interface Reach {
  kind: "all" | "tenants" | "pools";
  /** As typed: keys or ids. */
  tenants: string;
  /** Ids. */
  pools: readonly string[];
}

interface ReachChoiceProps {
  reach: Reach;
  onChange: (reach: Reach) => void;
  error: string | undefined;
}

/** Chooses which tenants a key sees. */
export function ReachChoice({ reach, onChange, error }: ReachChoiceProps) {
  const may = useMay();
  return (
    <Stack>
      <Radio.Group
        aria-label={words.reach}
        value={reach.kind}
        onChange={(kind) => onChange({ ...reach, kind: kind as Reach["kind"] })}
      >
        <Stack gap="xs">
          <Radio value="all" label={words.reachAll} />
          <Radio value="tenants" label={words.reachTenants} />
          {may("fleet:read") && <Radio value="pools" label={words.reachPools} />}
        </Stack>
      </Radio.Group>
      {reach.kind === "tenants" && (
        <Textarea
          label={words.tenants}
          description={words.tenantsHint}
          value={reach.tenants}
          rows={3}
          onChange={(event) => onChange({ ...reach, tenants: event.currentTarget.value })}
          error={error}
        />
      )}
      {reach.kind === "pools" && (
        <PoolChoice chosen={reach.pools} onChange={(pools) => onChange({ ...reach, pools })} error={error} />
      )}
    </Stack>
  );
}

interface PoolChoiceProps {
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
  error: string | undefined;
}

function PoolChoice({ chosen, onChange, error }: PoolChoiceProps) {
  const pools = useQuery(poolChoiceQuery);
  return (
    <Loaded query={pools}>
      {(page) => (
        <Stack gap="xs" role="group" aria-label={words.pools}>
          {page.items.map((pool) => (
            <Checkbox
              key={pool.id}
              label={pool.name}
              checked={chosen.includes(pool.id)}
              onChange={(event) =>
                onChange(
                  event.currentTarget.checked
                    ? [...chosen, pool.id]
                    : chosen.filter((one) => one !== pool.id),
                )
              }
            />
          ))}
          {error && (
            <Text size="sm" c="var(--mantine-color-error)" role="alert">
              {error}
            </Text>
          )}
        </Stack>
      )}
    </Loaded>
  );
}
