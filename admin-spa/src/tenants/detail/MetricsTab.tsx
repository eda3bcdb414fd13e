import { SimpleGrid, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { Tenant } from "../../api/types";
import { Loaded } from "../../parts/Loaded";
import { Panel } from "../../parts/Panel";
import { type Metric, seriesQuery } from "../../series/api";
import { RangePicker } from "../../series/RangePicker";
import { SeriesPlot } from "../../series/SeriesPlot";
import { addressOf } from "../address";
import { detailText } from "./text";
import { useTenant } from "./useTenant";

const route = getRouteApi("/signed-in/tenants/$key/metrics");
const words = detailText.metrics;

const METRICS = ["requests", "errors", "latency"] as const satisfies readonly Metric[];

/** What a tenant was asked over time. */
export function MetricsTab() {
  const tenant = useTenant();
  return tenant ? <Metrics key={tenant.id} tenant={tenant} /> : null;
}

function Metrics({ tenant }: { tenant: Tenant }) {
  const { range = "1h" } = route.useSearch();
  const navigate = route.useNavigate();
  const address = addressOf(tenant);
  const first = useQuery(seriesQuery("requests", range, address));
  return (
    <Panel
      title={words.title}
      hint={words.hint}
      actions={
        <RangePicker
          range={range}
          onChange={(next) => void navigate({ search: { range: next }, replace: true, resetScroll: false })}
        />
      }
    >
      {first.data === null ? (
        <Text c="dimmed">{words.none}</Text>
      ) : (
        <Loaded query={first} height={480}>
          {() => (
            <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
              {METRICS.map((metric) => (
                <SeriesPlot key={metric} metric={metric} range={range} tenant={address} />
              ))}
            </SimpleGrid>
          )}
        </Loaded>
      )}
    </Panel>
  );
}
