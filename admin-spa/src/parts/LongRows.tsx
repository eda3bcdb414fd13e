import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useLayoutEffect, useRef, useState } from "react";

interface LongRowsProps<Row> {
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  /** Draws a row of the table, with what is unfolded below it. */
  draw: (row: Row, at: number) => ReactNode;
}

/** A row's height until it is measured, in pixels. */
const GUESS = 44;
/** Rows drawn beyond what is in sight, so that scrolling shows no gap. */
const BEYOND = 10;

/** The rows of a long table that are in sight; what is above and below them is left as room. */
export function LongRows<Row>({ rows, rowKey, draw }: LongRowsProps<Row>) {
  const top = useRef<HTMLTableSectionElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => {
    const element = top.current;
    if (element) setOffset(element.getBoundingClientRect().top + window.scrollY);
  }, []);
  const virtual = useWindowVirtualizer<HTMLTableSectionElement>({
    count: rows.length,
    estimateSize: () => GUESS,
    overscan: BEYOND,
    scrollMargin: offset,
    getItemKey: (at) => {
      const row = rows[at];
      return row === undefined ? at : rowKey(row);
    },
  });
  const items = virtual.getVirtualItems();
  const before = (items[0]?.start ?? offset) - offset;
  const after = virtual.getTotalSize() - ((items.at(-1)?.end ?? offset) - offset);
  return (
    <>
      <tbody ref={top} aria-hidden>
        <tr style={{ height: before }} />
      </tbody>
      {items.map(({ index, key }) => {
        const row = rows[index];
        return (
          row !== undefined && (
            <tbody key={key} ref={virtual.measureElement} data-index={index}>
              {draw(row, index)}
            </tbody>
          )
        );
      })}
      <tbody aria-hidden>
        <tr style={{ height: Math.max(0, after) }} />
      </tbody>
    </>
  );
}
