import { memo, type ReactNode } from "react";
import classes from "./DataTable.module.css";
import { RowCheck } from "./RowCheck";

/** A column of a table. */
export interface Column<Row> {
  /** Stable: it stands in addresses and in what a browser keeps. */
  id: string;
  header: string;
  /** What stands there. Drawn again only when the row or the columns are others: what else it shows, it asks for itself. */
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

interface DataRowProps<Row> {
  row: Row;
  id: string;
  columns: readonly Column<Row>[];
  /** The row's number for screen readers, where not all rows are drawn. */
  index: number | undefined;
  isCurrent: boolean;
  /** The label of its checkbox; absent where rows cannot be chosen. */
  select: string | undefined;
  isSelected: boolean;
  onSelect: (id: string, range: boolean) => void;
  /** What is unfolded below it. */
  more: ReactNode;
}

/** A row of a table. A list has many and most stay as they are, so one is drawn again only when something of it is another. */
export const DataRow = memo(Drawn) as typeof Drawn;

function Drawn<Row>(props: DataRowProps<Row>) {
  const { row, id, columns, select, isSelected, onSelect, more } = props;
  return (
    <>
      <tr
        data-row={id}
        data-current={props.isCurrent || undefined}
        data-selected={isSelected || undefined}
        aria-rowindex={props.index}
      >
        {select !== undefined && (
          <td className={classes.select}>
            <RowCheck label={select} isChecked={isSelected} onToggle={(range) => onSelect(id, range)} />
          </td>
        )}
        {columns.map((column) =>
          column.names ? (
            <th key={column.id} scope="row" className={classes.name}>
              {column.cell(row)}
            </th>
          ) : (
            <td key={column.id} data-label={column.header} className={classOf(column)}>
              {column.cell(row)}
            </td>
          ),
        )}
      </tr>
      {more && (
        <tr className={classes.below}>
          <td colSpan={columns.length + (select === undefined ? 0 : 1)}>{more}</td>
        </tr>
      )}
    </>
  );
}

/** How a column's cells stand. */
export const classOf = <Row,>({ numeric, whole }: Column<Row>): string | undefined =>
  [numeric && classes.numeric, whole && classes.whole].filter(Boolean).join(" ") || undefined;
