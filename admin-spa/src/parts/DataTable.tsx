import { Checkbox, Table, Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { IconArrowDown, IconArrowsSort, IconArrowUp } from "@tabler/icons-react";
import { Fragment, type ReactNode, useRef } from "react";
import classes from "./DataTable.module.css";
import { LongRows } from "./LongRows";
import { partsText } from "./text";
import { useAfterPaint } from "./useAfterPaint";

/** A column of a table. */
export interface Column<Row> {
  /** Stable: it stands in addresses and in what a browser keeps. */
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** The name the server sorts by; absent where it cannot. */
  sort?: string;
  /** The column that names the row; exactly one has it. */
  names?: boolean;
  /** Numbers stand at the end of their column, with digits of one width. */
  numeric?: boolean;
  /** Never broken into lines: times, short codes. */
  whole?: boolean;
}

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
  const columns = props.columns.filter((column) => !hidden?.has(column.id));
  const toggle = useSelect(rows, rowKey, selection);
  const isLong = rows.length > PLAIN_ROWS;
  const isPainted = useAfterPaint();
  const first = isPainted ? rows : rows.slice(0, FIRST_ROWS);
  const draw = (row: Row, at: number) => {
    const key = rowKey(row);
    const more = below?.(row);
    return (
      <Fragment key={key}>
        <Table.Tr
          data-row={key}
          data-current={props.current === key || undefined}
          data-selected={selection?.selected.has(key) || undefined}
          aria-rowindex={isLong ? at + FIRST_ROW : undefined}
        >
          {selection && (
            <Table.Td className={classes.select ?? ""}>
              <Checkbox
                aria-label={selection.label(row)}
                checked={selection.selected.has(key)}
                onChange={() => {}}
                onClick={(event) => toggle(key, event.shiftKey)}
              />
            </Table.Td>
          )}
          {columns.map((column) => (
            <Cell key={column.id} column={column} row={row} />
          ))}
        </Table.Tr>
        {more && (
          <Table.Tr className={classes.below ?? ""}>
            <Table.Td colSpan={columns.length + (selection ? 1 : 0)}>{more}</Table.Td>
          </Table.Tr>
        )}
      </Fragment>
    );
  };
  return (
    <div className={classes.frame}>
      <Table
        aria-rowcount={isLong ? rows.length + 1 : undefined}
        aria-busy={(!isLong && first.length < rows.length) || undefined}
        verticalSpacing={props.dense ? 4 : "sm"}
        horizontalSpacing="md"
        highlightOnHover
        className={classes.table ?? ""}
      >
        <caption>
          <VisuallyHidden>{caption}</VisuallyHidden>
        </caption>
        <Table.Thead>
          <Table.Tr>
            {selection && <SelectAll rows={rows} rowKey={rowKey} selection={selection} />}
            {columns.map((column) => (
              <Heading key={column.id} column={column} sorting={props.sorting} onSort={props.onSort} />
            ))}
          </Table.Tr>
        </Table.Thead>
        {isLong ? (
          <LongRows rows={rows} rowKey={rowKey} draw={draw} />
        ) : (
          <Table.Tbody>{first.map(draw)}</Table.Tbody>
        )}
      </Table>
      {rows.length === 0 && (
        <Text p="md" c="dimmed">
          {partsText.table.noRows}
        </Text>
      )}
    </div>
  );
}

const classOf = <Row,>({ numeric, whole }: Column<Row>) =>
  [numeric && classes.numeric, whole && classes.whole].filter(Boolean).join(" ");

function Cell<Row>({ column, row }: { column: Column<Row>; row: Row }) {
  if (column.names) {
    return (
      <Table.Th scope="row" className={classes.name ?? ""}>
        {column.cell(row)}
      </Table.Th>
    );
  }
  return (
    <Table.Td data-label={column.header} className={classOf(column)}>
      {column.cell(row)}
    </Table.Td>
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
      <Table.Th scope="col" className={classOf(column)}>
        {column.header}
      </Table.Th>
    );
  }
  const mine = sorting?.by === sort ? sorting : undefined;
  const Arrow = mine ? (mine.descending ? IconArrowDown : IconArrowUp) : IconArrowsSort;
  return (
    <Table.Th
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
    </Table.Th>
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
    <Table.Th scope="col" className={classes.select ?? ""}>
      <Checkbox
        aria-label={partsText.table.selectAll}
        checked={all}
        indeterminate={chosen > 0 && !all}
        onChange={change}
      />
    </Table.Th>
  );
}

/** Selecting one row, or with Shift all from the last one to it. */
function useSelect<Row>(
  rows: readonly Row[],
  rowKey: (row: Row) => string,
  selection: Selection<Row> | undefined,
) {
  const last = useRef<string>(undefined);
  return (key: string, range: boolean) => {
    if (!selection) return;
    selection.onChange(
      selectRows(rows.map(rowKey), selection.selected, key, range ? last.current : undefined),
    );
    last.current = key;
  };
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
