import { Table, Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconArrowDown, IconArrowsSort, IconArrowUp } from "@tabler/icons-react";
import { type ReactNode, useCallback, useLayoutEffect, useMemo, useRef } from "react";
import { type Column, classOf, DataRow } from "./DataRow";
import classes from "./DataTable.module.css";
import { LongRows } from "./LongRows";
import { RowCheck } from "./RowCheck";
import { partsText } from "./text";
import { useAfterPaint } from "./useAfterPaint";

export type { Column } from "./DataRow";

/** What a list is sorted by. */
export interface Sorting {
  by: string;
  descending: boolean;
}

/** Rows chosen for something. */
export interface Selection<Row> {
  selected: ReadonlySet<string>;
  onChange: (selected: ReadonlySet<string>) => void;
  /** Names a row in the label of its checkbox: "Select acme". */
  label: (row: Row) => string;
}

interface DataTableProps<Row> {
  /** Says what the rows are. */
  caption: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  sorting?: Sorting | undefined;
  onSort?: (sorting: Sorting) => void;
  /** Ids of columns that are not shown. */
  hidden?: ReadonlySet<string>;
  selection?: Selection<Row>;
  /** The row the keyboard is on, from `useRowKeys`. */
  current?: string | undefined;
  dense?: boolean;
  /** More below a row: what it holds, unfolded. Null where a row has none. */
  below?: (row: Row) => ReactNode;
}

/** Rows that are drawn whole; of longer lists only those in sight are in the page. */
const PLAIN_ROWS = 60;
/** Rows that stand there at once; the others of a page follow when the browser has shown these. */
const FIRST_ROWS = 20;
/** The first row's number for screen readers: the headings are the first. */
const FIRST_ROW = 2;

/**
 * Rows of a list. A real table; on a narrow screen each row becomes a block with its column names.
 *
 * Sorting, filtering and paging are the server's: the table only shows and asks.
 */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { caption, rows, rowKey, selection, hidden, below } = props;
  const columns = useMemo(
    () => props.columns.filter((column) => !hidden?.has(column.id)),
    [props.columns, hidden],
  );
  const toggle = useSelect(rows, rowKey, selection);
  const isLong = rows.length > PLAIN_ROWS;
  const isPainted = useAfterPaint();
  const first = isPainted ? rows : rows.slice(0, FIRST_ROWS);
  const draw = (row: Row, at: number) => {
    const key = rowKey(row);
    return (
      <DataRow
        key={key}
        id={key}
        row={row}
        columns={columns}
        index={isLong ? at + FIRST_ROW : undefined}
        isCurrent={props.current === key}
        select={selection?.label(row)}
        isSelected={selection?.selected.has(key) ?? false}
        onSelect={toggle}
        more={below?.(row) || null}
      />
    );
  };
  return (
    <div className={classes.frame}>
      <Table
        aria-rowcount={isLong ? rows.length + 1 : undefined}
        aria-busy={(!isLong && first.length < rows.length) || undefined}
        verticalSpacing={props.dense ? 4 : "sm"}
        horizontalSpacing="md"
        className={classes.table ?? ""}
      >
        <caption>
          <VisuallyHidden>{caption}</VisuallyHidden>
        </caption>
        <thead>
          <tr>
            {selection && <SelectAll rows={rows} rowKey={rowKey} selection={selection} />}
            {columns.map((column) => (
              <Heading key={column.id} column={column} sorting={props.sorting} onSort={props.onSort} />
            ))}
          </tr>
        </thead>
        {isLong ? <LongRows rows={rows} rowKey={rowKey} draw={draw} /> : <tbody>{first.map(draw)}</tbody>}
      </Table>
      {rows.length === 0 && (
        <Text p="md" c="dimmed">
          {partsText.table.noRows}
        </Text>
      )}
    </div>
  );
}

interface HeadingProps<Row> {
  column: Column<Row>;
  sorting: Sorting | undefined;
  onSort: ((sorting: Sorting) => void) | undefined;
}

function Heading<Row>({ column, sorting, onSort }: HeadingProps<Row>) {
  const { sort } = column;
  if (sort === undefined || !onSort) {
    return (
      <th scope="col" className={classOf(column)}>
        {column.header}
      </th>
    );
  }
  const mine = sorting?.by === sort ? sorting : undefined;
  const Arrow = mine ? (mine.descending ? IconArrowDown : IconArrowUp) : IconArrowsSort;
  return (
    <th
      scope="col"
      className={classOf(column)}
      aria-sort={mine ? (mine.descending ? "descending" : "ascending") : "none"}
    >
      <UnstyledButton
        className={classes.sort ?? ""}
        onClick={() => onSort({ by: sort, descending: mine ? !mine.descending : false })}
        title={partsText.table.sortBy(column.header)}
      >
        {column.header}
        <Arrow size={14} aria-hidden className={mine ? classes.sorted : classes.unsorted} />
      </UnstyledButton>
    </th>
  );
}

interface SelectAllProps<Row> {
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  selection: Selection<Row>;
}

function SelectAll<Row>({ rows, rowKey, selection }: SelectAllProps<Row>) {
  const keys = rows.map(rowKey);
  const chosen = keys.filter((key) => selection.selected.has(key)).length;
  const all = keys.length > 0 && chosen === keys.length;
  const change = () => {
    const next = new Set(selection.selected);
    for (const key of keys) {
      if (all) next.delete(key);
      else next.add(key);
    }
    selection.onChange(next);
  };
  return (
    <th scope="col" className={classes.select}>
      <RowCheck
        label={partsText.table.selectAll}
        isChecked={all}
        isPartly={chosen > 0 && !all}
        onToggle={change}
      />
    </th>
  );
}

/** Selecting one row, or with Shift all from the last one to it. */
function useSelect<Row>(
  rows: readonly Row[],
  rowKey: (row: Row) => string,
  selection: Selection<Row> | undefined,
) {
  const last = useRef<string>(undefined);
  const shown = useRef({ rows, rowKey, selection });
  useLayoutEffect(() => {
    shown.current = { rows, rowKey, selection };
  });
  // The same function always: rows that stay as they are must not be drawn for it.
  return useCallback((key: string, range: boolean) => {
    const { rows, rowKey, selection } = shown.current;
    if (!selection) return;
    selection.onChange(
      selectRows(rows.map(rowKey), selection.selected, key, range ? last.current : undefined),
    );
    last.current = key;
  }, []);
}

/** The rows selected after one was clicked; `from` is where a range begins. A range takes the state the click gives. */
export function selectRows(
  keys: readonly string[],
  selected: ReadonlySet<string>,
  key: string,
  from: string | undefined,
): ReadonlySet<string> {
  const next = new Set(selected);
  const add = !selected.has(key);
  const start = from === undefined ? -1 : keys.indexOf(from);
  const end = keys.indexOf(key);
  const touched = start < 0 ? [key] : keys.slice(Math.min(start, end), Math.max(start, end) + 1);
  for (const one of touched) {
    if (add) next.add(one);
    else next.delete(one);
  }
  return next;
}
