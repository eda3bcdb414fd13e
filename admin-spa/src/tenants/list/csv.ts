/** A column of a file: its heading, and the text of a row. */
export interface CsvColumn<Row> {
  header: string;
  csv: (row: Row) => string;
}

/** Signs with which a spreadsheet takes a cell for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** One cell. Tenants choose some of these texts, so nothing of them may run in the spreadsheet that opens the file. */
function cell(value: string): string {
  const inert = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(inert) || inert !== inert.trim() ? `"${inert.replaceAll('"', '""')}"` : inert;
}

/** Rows as comma-separated values (RFC 4180), with a heading. */
export function writeCsv<Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[]): string {
  const lines = [
    columns.map(({ header }) => cell(header)),
    ...rows.map((row) => columns.map(({ csv }) => cell(csv(row)))),
  ];
  return `${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
}

/** Hands a text to the browser as a file to keep. */
export function download(name: string, content: string): void {
  // The mark in front tells spreadsheets that the text is UTF-8.
  const url = URL.createObjectURL(new Blob(["\uFEFF", content], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
