import { Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { capacityQuery } from "../capacity/api";
import { MeasuredBar } from "../capacity/MeasuredBar";
import { CapacityBar } from "../fleet/CapacityBar";
import { bytes } from "../fleet/numbers";
import type { DatabaseServer } from "./api";
import { text } from "./text";

const words = text.capacity;

/** What is used up of a server: tenants, connections, databases and bytes, as far as a worker has measured them. */
export function ServerBars({ server }: { server: Pick<DatabaseServer, "id" | "tenants" | "capacity"> }) {
  const capacity = useQuery(capacityQuery).data;
  const measured = capacity?.servers.find((one) => one.id === server.id);
  return (
    <Stack gap="sm">
      <CapacityBar label={words.tenants} amount={{ used: server.tenants, limit: server.capacity ?? null }} />
      {measured && (
        <>
          <MeasuredBar label={words.connections} amount={measured.connections} soft dated />
          <MeasuredBar label={words.databases} amount={measured.databases} dated />
          <MeasuredBar label={words.bytes} amount={measured.database_bytes} write={bytes} dated />
        </>
      )}
    </Stack>
  );
}
