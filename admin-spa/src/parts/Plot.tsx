import { Button, Group, Table, Text, useComputedColorScheme, VisuallyHidden } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useEffect, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { absoluteTime } from "../time";
import classes from "./Plot.module.css";
import { partsText } from "./text";

/** A line of a plot: one value for each time, null where there is none. */
interface PlotSeries {
  name: string;
  values: readonly (number | null)[];
}

interface PlotProps {
  /** Says in one sentence what is to be seen: "Requests per second, at most 12." */
  sentence: string;
  /** Seconds since 1970, ascending. */
  times: readonly number[];
  series: readonly PlotSeries[];
  /** A value with its unit. */
  format: (value: number) => string;
  /** Plots with the same word show the same moment. */
  sync?: string;
  height?: number;
}

const words = partsText.plot;
const TONES = ["--tone-blue", "--tone-orange", "--tone-green", "--tone-red", "--tone-grey"];
/** Lines are told apart by their strokes too, for who does not see their colours. */
const DASHES = [[], [6, 4], [2, 3], [10, 3, 2, 3], [1, 5]];

/** Lines over time, which can also be read as a table. */
export function Plot(props: PlotProps) {
  const [isTable, setIsTable] = useState(false);
  const isEmpty = props.series.every(({ values }) => values.every((value) => value === null));
  if (isEmpty) return <Text c="dimmed">{words.nothing}</Text>;
  return (
    <div>
      {isTable ? <PlotTable {...props} /> : <Canvas {...props} />}
      <Group justify="flex-end" mt={4}>
        <Button variant="subtle" size="compact-sm" onClick={() => setIsTable(!isTable)}>
          {isTable ? words.asPlot : words.asTable}
        </Button>
      </Group>
    </div>
  );
}

function Canvas({ sentence, times, series, format, sync, height = 200 }: PlotProps) {
  const { ref, width } = useElementSize();
  const target = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const scheme = useComputedColorScheme("light");
  const formatting = useRef(format);
  formatting.current = format;
  const names = series.map(({ name }) => name).join("\n");
  const isWide = width > 0;
  const data = useMemo(() => toData(times, series), [times, series]);
  const latest = useRef(data);
  latest.current = data;

  // Made anew only when its lines or colours change; values and width are handed to the one that is there.
  // biome-ignore lint/correctness/useExhaustiveDependencies: `scheme` stands for the colours read from the page
  useEffect(() => {
    if (!target.current || !isWide) return;
    const made = new uPlot(
      optionsOf({ names: names.split("\n"), height, format: (value) => formatting.current(value), sync }),
      latest.current,
      target.current,
    );
    plot.current = made;
    return () => {
      made.destroy();
      plot.current = undefined;
    };
  }, [names, height, sync, scheme, isWide]);
  useEffect(() => {
    if (isWide) plot.current?.setSize({ width, height });
  }, [width, height, isWide]);
  useEffect(() => plot.current?.setData(data), [data]);

  return (
    <div ref={ref}>
      <div
        ref={target}
        role="img"
        aria-label={sentence}
        className={classes.plot}
        style={{ minHeight: height }}
      />
    </div>
  );
}

const toData = (times: PlotProps["times"], series: PlotProps["series"]): uPlot.AlignedData => [
  [...times],
  ...series.map(({ values }) => [...values]),
];

const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const DAY_SECONDS = 86_400;

/** A moment on the axis: the time of day, or the day where the ticks are days apart. */
function atTick(tick: number, ticks: readonly number[]): string {
  const apart = (ticks[1] ?? tick) - (ticks[0] ?? tick);
  return (apart < DAY_SECONDS ? TIME : DAY).format(tick * 1_000);
}

/** Values without one beside them: no line leads there, so they are drawn as points. Null where there are none. */
export function standAlone(values: ArrayLike<number | null | undefined>): number[] | null {
  const isThere = (at: number) => values[at] !== null && values[at] !== undefined;
  const found = Array.from(values, (_, at) => at).filter(
    (at) => isThere(at) && !isThere(at - 1) && !isThere(at + 1),
  );
  return found.length > 0 ? found : null;
}

interface Look {
  names: readonly string[];
  height: number;
  format: (value: number) => string;
  sync: string | undefined;
}

function optionsOf({ names, height, format, sync }: Look): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  const axis: uPlot.Axis = {
    stroke: read("--mantine-color-dimmed"),
    grid: { stroke: read("--line"), width: 1 },
    ticks: { stroke: read("--line"), width: 1 },
    font: "12px system-ui, sans-serif",
  };
  return {
    width: 100,
    height,
    cursor: sync ? { sync: { key: sync } } : {},
    legend: { live: true },
    axes: [
      { ...axis, values: (_, ticks) => ticks.map((tick) => atTick(tick, ticks)) },
      { ...axis, size: 64, values: (_, ticks) => ticks.map((tick) => format(tick)) },
    ],
    scales: { y: { range: (_, low, high) => [Math.min(0, low), high > 0 ? high * 1.1 : 1] } },
    series: [
      { value: (_, time) => (time === null ? "" : new Date(time * 1_000).toLocaleTimeString("en-GB")) },
      ...names.map(
        (label, at): uPlot.Series => ({
          label,
          stroke: read(TONES[at % TONES.length] ?? "--tone-blue"),
          dash: DASHES[at % DASHES.length] ?? [],
          width: 2,
          points: { show: false, filter: ({ data }) => standAlone(data[at + 1] ?? []) },
          value: (_, value) => (value === null ? "–" : format(value)),
        }),
      ),
    ],
  };
}

function PlotTable({ sentence, times, series, format }: PlotProps) {
  return (
    <div className={classes.table}>
      <Table stickyHeader>
        <caption>
          <VisuallyHidden>{sentence}</VisuallyHidden>
        </caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{words.time}</Table.Th>
            {series.map(({ name }) => (
              <Table.Th scope="col" key={name}>
                {name}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {times.map((time, at) => (
            <Table.Tr key={time}>
              <Table.Th scope="row">{absoluteTime(new Date(time * 1_000).toISOString())}</Table.Th>
              {series.map(({ name, values }) => {
                const value = values[at];
                return (
                  <Table.Td key={name}>
                    {value === null || value === undefined ? "–" : format(value)}
                  </Table.Td>
                );
              })}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
