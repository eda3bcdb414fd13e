/** The words of the parts that every area uses. */
export const partsText = {
  notices: "Messages",
  dismiss: "Dismiss this message",
  cancel: "Cancel",
  typeToConfirm: (phrase: string) => `Type ${phrase} to confirm`,
  refused: "That was not accepted",
  sameWith: "Do the same from a terminal",
  once: "This is shown once. Copy it to where it belongs before you close this.",
  kept: "I have copied it",
  copyOf: (what: string) => `Copy ${what}`,
  panelFailed: (title: string) => `“${title}” could not be shown`,
  table: {
    sortBy: (column: string) => `Sort by ${column}`,
    selectAll: "Select all rows on this page",
    selected: (count: number) => `${count} selected`,
    noRows: "Nothing to show.",
    scroll: (caption: string) => `${caption}, scrolls sideways`,
  },
  pager: {
    label: "Pages",
    first: "First page",
    previous: "Previous",
    next: "Next",
    rows: (count: number, more: boolean) =>
      `${count} ${count === 1 ? "row" : "rows"}${more ? " on this page" : ""}`,
    more: "Load more",
  },
  search: {
    label: "Search",
    hint: "Words, or name:value",
    add: "Filter",
    remove: (what: string) => `Remove the filter ${what}`,
    clear: "Clear all",
    chips: "Filters",
    unknown: (name: string, known: string) => `There is no filter “${name}”. Known: ${known}.`,
  },
  plot: {
    asTable: "Show as table",
    asPlot: "Show as plot",
    time: "Time",
    nothing: "No values in this range.",
  },
} as const;
