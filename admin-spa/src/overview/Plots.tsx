import { SimpleGrid } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Panel } from "../parts/Panel";
import { type Metric, seriesQuery } from "../series/api";
import { RangePicker } from "../series/RangePicker";
import { SeriesPlot } from "../series/SeriesPlot";
import { seriesText } from "../series/text";

const route = getRouteApi("/signed-in/");

const METRICS: readonly Metric[] = ["requests", "latency", "queue_depth", "provision_latency"];

/** How the fleet did over time. Nothing where the gateway keeps no numbers. */
export function Plots() {
  const { range = "1h" } = route.useSearch();
  const navigate = route.useNavigate();
  const first = useQuery(seriesQuery("requests", range));
  if (!first.data) return null;
  return (
    <Panel
      title={seriesText.title}
      actions={
        <RangePicker
          range={range}
          onChange={(next) => void navigate({ search: { range: next }, replace: true, resetScroll: false })}
        />
      }
    >
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
        {METRICS.map((metric) => (
          <SeriesPlot key={metric} metric={metric} range={range} />
        ))}
      </SimpleGrid>
    </Panel>
  );
}
