import { Button, Group, NativeSelect, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { Tenant } from "../../api/types";
import { ratePlaces } from "../../fleet/placement";
import { ConfirmDialog } from "../../parts/ConfirmDialog";
import { Panel } from "../../parts/Panel";
import { poolListQuery } from "../../pools/api";
import { useMay } from "../../session/useMay";
import { detailText } from "./text";
import { useAct } from "./useAct";
import { useDialog } from "./useDialog";

const words = detailText.settings;
/** Statuses in which the API takes a move. */
const movable: ReadonlySet<Tenant["status"]> = new Set(["active", "suspended", "pending", "provisioning"]);

/** The pool that serves a tenant, and the way to another. */
export function MovePool({ tenant }: { tenant: Tenant }) {
  const may = useMay();
  const pools = useQuery({ ...poolListQuery, enabled: may("fleet:read") }).data;
  const { action, act } = useAct(tenant);
  const { dialog, open, close } = useDialog();
  const [chosen, setChosen] = useState<string>();
  if (!pools) return null;
  const present = pools.find(({ id }) => id === tenant.pool_id);
  const others = ratePlaces(pools.filter(({ id }) => id !== tenant.pool_id)).filter(
    ({ verdict }) => verdict === "chosen" || verdict === "later",
  );
  const target = others.find(({ place }) => place.id === chosen)?.place ?? others[0]?.place;
  return (
    <Panel title={words.pool}>
      <Stack>
        <Text>
          {tenant.tier === "dedicated"
            ? words.poolNone
            : present
              ? words.poolOf(present.name)
              : words.poolUnknown}
        </Text>
        {tenant.tier === "shared" &&
          movable.has(tenant.status) &&
          (target ? (
            <Group align="flex-end">
              <NativeSelect
                label={words.moveTo}
                value={target.id}
                onChange={(event) => setChosen(event.currentTarget.value)}
                data={others.map(({ place, verdict }) => ({
                  value: place.id,
                  label: `${place.name} (${words.places[verdict]})`,
                }))}
              />
              <Button
                variant="default"
                onClick={() => {
                  action.reset();
                  open("move");
                }}
              >
                {words.move}
              </Button>
            </Group>
          ) : (
            <Text c="dimmed">{words.moveNone}</Text>
          ))}
      </Stack>
      {target && (
        <ConfirmDialog
          opened={dialog === "move"}
          onClose={close}
          title={words.moveTitle(tenant.key, target.name)}
          submit={words.moveSubmit(tenant.key)}
          cancel={words.moveCancel}
          pending={action.isPending}
          error={action.error}
          onConfirm={() => act({ verb: "move", pool: target.id }, close)}
        >
          <Text>{words.moveBody}</Text>
        </ConfirmDialog>
      )}
    </Panel>
  );
}
