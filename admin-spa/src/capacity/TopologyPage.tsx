import { Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { CapacityTabs } from "../fleet/CapacityTabs";
import { count } from "../fleet/numbers";
import { Loaded } from "../parts/Loaded";
import { Page } from "../parts/Page";
import { poolListQuery } from "../pools/api";
import { traefikQuery } from "../routes/api";
import { serverListQuery } from "../servers/api";
import { useMay } from "../session/useMay";
import { readTopology } from "./readTopology";
import { COUNTED, sharesQuery } from "./shares";
import { TopologyPicture } from "./TopologyPicture";
import { text } from "./text";

/** How requests get from the entry points to tenants, and where their data is. */
export function TopologyPage() {
  const may = useMay();
  const traefik = useQuery(traefikQuery);
  const pools = useQuery(poolListQuery);
  const servers = useQuery(serverListQuery);
  const shares = useQuery({ ...sharesQuery, enabled: may("tenants:read") });
  const isUncounted = shares.data === null && (servers.data?.length ?? 0) > 1;
  return (
    <Page title={text.topology.title}>
      <CapacityTabs />
      <Text c="dimmed" mb="md">
        {text.topology.intro}
      </Text>
      <Loaded query={traefik}>
        {(seen) => (
          <Loaded query={pools}>
            {(allPools) => (
              <Loaded query={servers}>
                {(allServers) => (
                  <TopologyPicture
                    {...readTopology({
                      traefik: seen,
                      pools: allPools,
                      servers: allServers,
                      shares: shares.data ?? null,
                    })}
                  />
                )}
              </Loaded>
            )}
          </Loaded>
        )}
      </Loaded>
      {isUncounted && (
        <Text size="sm" c="dimmed" mt="md">
          {text.topology.uncounted(count(COUNTED))}
        </Text>
      )}
    </Page>
  );
}
