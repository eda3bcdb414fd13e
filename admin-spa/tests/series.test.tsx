import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { Plot, standAlone } from "../src/parts/Plot";
import { describe as describeSeries } from "../src/series/SeriesPlot";
import { bytes, withUnit } from "../src/series/units";
import { renderPart } from "./render";

// jsdom draws no canvas. What is looked at here is what stands around the drawing.
vi.mock("uplot", () => ({ default: class {} }));

test.each([
  [0, "0 B"],
  [0.4, "0.4 B"],
  [999, "999 B"],
  [1_536, "1.5 KiB"],
  [5 * 1_024 ** 3, "5 GiB"],
])("%d bytes are %s", (value, words) => {
  expect(bytes(value)).toBe(words);
});

test.each([
  [0.084, "seconds", "84 ms"],
  [12.5, "per_second", "12.5/s"],
  [1_240, "count", "1,240"],
] as const)("%d %s is %s", (value, unit, words) => {
  expect(withUnit(value, unit)).toBe(words);
});

const series = {
  metric: "requests" as const,
  step_seconds: 60,
  times: [60, 120, 180],
  series: [
    { name: "all", unit: "per_second" as const, values: [1, 7.5, null] },
    { name: "none", unit: "per_second" as const, values: [null, null, null] },
  ],
};

test("a plot is told in words: the last and the highest value of each line", () => {
  expect(describeSeries(series, "1h", (value) => `${value}/s`)).toBe(
    "Requests over the last 1 hour. all: 7.5/s at last, 7.5/s at most. none: not known at last, not known at most.",
  );
});

test("a plot can be read as a table", async () => {
  renderPart(
    <Plot
      sentence="Requests over the last hour."
      times={series.times}
      series={series.series}
      format={(value) => `${value}/s`}
    />,
  );
  expect(screen.getByRole("img", { name: "Requests over the last hour." })).toBeInTheDocument();
  await userEvent.setup().click(screen.getByRole("button", { name: "Show as table" }));
  const table = screen.getByRole("table", { name: "Requests over the last hour." });
  expect(within(table).getAllByRole("row")).toHaveLength(4);
  expect(within(table).getByRole("cell", { name: "7.5/s" })).toBeInTheDocument();
});

test("a plot without any value says so", () => {
  renderPart(
    <Plot sentence="Nothing" times={[1]} series={[{ name: "a", values: [null] }]} format={String} />,
  );
  expect(screen.getByText("No values in this range.")).toBeInTheDocument();
});

test("a value without one beside it is drawn as a point, as no line leads there", () => {
  expect(standAlone([1, null, 2, 3, null, null, 4])).toEqual([0, 6]);
  expect(standAlone([null, 5, undefined])).toEqual([1]);
  expect(standAlone([1, 2, null])).toBeNull();
  expect(standAlone([])).toBeNull();
});
