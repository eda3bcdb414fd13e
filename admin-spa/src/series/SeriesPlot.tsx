import { Skeleton, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Loaded } from "../parts/Loaded";
import { type Metric, type Range, type Series, seriesQuery } from "./api";
import { seriesText } from "./text";
import { withUnit } from "./units";

const Plot = lazy(() => import("../parts/Plot").then((module) => ({ default: module.Plot })));

const HEIGHT = 180;

interface SeriesPlotProps {
  metric: Metric;
  range: Range;
  /** A tenant's id or key; absent is the whole fleet. */
  tenant?: string;
}

/** One metric over time, of the fleet or of one tenant. Nothing where the gateway keeps no numbers. */
export function SeriesPlot({ metric, range, tenant }: SeriesPlotProps) {
  const query = useQuery(seriesQuery(metric, range, tenant));
  if (query.data === null) return null;
  return (
    <figure style={{ margin: 0, minWidth: 0 }}>
      <figcaption>
        <Text fw={600} size="sm" mb={4}>
          {seriesText.titles[metric]}
        </Text>
      </figcaption>
      <Loaded query={query} height={HEIGHT}>
        {(series) => series && <Drawn series={series} range={range} />}
      </Loaded>
    </figure>
  );
}

function Drawn({ series, range }: { series: Series; range: Range }) {
  const unit = series.series[0]?.unit ?? "count";
  const format = (value: number) => withUnit(value, unit);
  if (series.series.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {seriesText.nothing}
      </Text>
    );
  }
  return (
    <Suspense fallback={<Skeleton height={HEIGHT} />}>
      <Plot
        sentence={describe(series, range, format)}
        times={series.times}
        series={series.series}
        format={format}
        sync="series"
        height={HEIGHT}
      />
    </Suspense>
  );
}

/** What a plot shows, in words: the last and the highest value of each line. */
export function describe(
  { metric, series }: Pick<Series, "metric" | "series">,
  range: Range,
  format: (value: number) => string,
): string {
  const lines = series.map(({ name, values }) => {
    const known = values.filter((value) => value !== null);
    const last = known.at(-1);
    if (last === undefined) return seriesText.line(name, seriesText.unknown, seriesText.unknown);
    return seriesText.line(name, format(last), format(Math.max(...known)));
  });
  return seriesText.sentence(seriesText.titles[metric], seriesText.ranges[range], lines.join(" "));
}
