import { NativeSelect } from "@mantine/core";
import { type Range, ranges } from "./api";
import { seriesText } from "./text";

/** How far back all plots of a page go. */
export function RangePicker({ range, onChange }: { range: Range; onChange: (range: Range) => void }) {
  return (
    <NativeSelect
      size="xs"
      aria-label={seriesText.range}
      value={range}
      onChange={(event) => onChange(event.currentTarget.value as Range)}
      data={ranges.map((value) => ({ value, label: seriesText.ranges[value] }))}
    />
  );
}
