import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, test, vi } from "vitest";
import { shellWord } from "../src/parts/CommandLine";
import { ConfirmDialog } from "../src/parts/ConfirmDialog";
import { type Column, DataTable, selectRows } from "../src/parts/DataTable";
import { SecretDialog } from "../src/parts/SecretDialog";
import { TimeAgo } from "../src/parts/TimeAgo";
import { TokenSearch } from "../src/parts/TokenSearch";
import { readTyped, type Typed, writeToken } from "../src/parts/tokens";
import { renderPart } from "./render";

function Search({ onChange }: { onChange: (typed: Typed) => void }) {
  const [typed, setTyped] = useState<Typed>({ tokens: [], words: "" });
  const fields = [
    { name: "status", label: "Status", values: [{ value: "error", label: "Error" }] },
    { name: "label", label: "Label", repeats: true },
  ];
  const change = (next: Typed) => {
    setTyped(next);
    onChange(next);
  };
  return <TokenSearch fields={fields} typed={typed} onChange={change} />;
}

interface Thing {
  key: string;
  size: number;
}

/** A table whose rows can be chosen, and the keyboard be put on "b". */
function Moving({ columns, rows }: { columns: readonly Column<Thing>[]; rows: readonly Thing[] }) {
  const [current, setCurrent] = useState<string>();
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  return (
    <>
      <button type="button" onClick={() => setCurrent("b")}>
        To b
      </button>
      <DataTable
        caption="Things"
        columns={columns}
        rows={rows}
        rowKey={(row) => row.key}
        current={current}
        selection={{ selected, onChange: setSelected, label: ({ key }) => `Select ${key}` }}
      />
    </>
  );
}

describe("typed filters", () => {
  const names = ["status", "label"];

  test("are told from words; unknown names are words", () => {
    expect(readTyped('acme status:error label:"a b" host:x', names)).toEqual({
      tokens: [
        { name: "status", value: "error" },
        { name: "label", value: "a b" },
      ],
      words: "acme host:x",
    });
  });

  test.each(["error", "a b", "k=v", "user:jo@example.com"])("come back as written: %s", (value) => {
    const token = { name: "status", value };
    expect(readTyped(writeToken(token), names)).toEqual({ tokens: [token], words: "" });
  });

  test("become chips by Enter and go one by one", async () => {
    const onChange = vi.fn();
    const user = userEvent.setup();
    renderPart(<Search onChange={onChange} />);
    const line = screen.getByRole("searchbox", { name: "Search" });
    await user.type(line, "corp status:error label:a=1{Enter}");
    const chips = screen.getByRole("list", { name: "Filters" });
    expect(within(chips).getByText("Status: Error")).toBeInTheDocument();
    expect(line).toHaveValue("corp");
    await user.click(screen.getByRole("button", { name: "Remove the filter Status: Error" }));
    expect(onChange).toHaveBeenLastCalledWith({ tokens: [{ name: "label", value: "a=1" }], words: "corp" });
  });

  test("a slash puts the focus into the line", async () => {
    renderPart(<Search onChange={() => {}} />);
    await userEvent.setup().keyboard("/");
    expect(screen.getByRole("searchbox", { name: "Search" })).toHaveFocus();
  });
});

describe("a table", () => {
  const rows: Thing[] = ["a", "b", "c", "d"].map((key, size) => ({ key, size }));
  const columns: Column<Thing>[] = [
    { id: "key", header: "Key", names: true, cell: (row) => row.key, sort: "key" },
    { id: "size", header: "Size", numeric: true, cell: (row) => row.size },
  ];

  test("says how it is sorted and asks for the other way", async () => {
    const onSort = vi.fn();
    renderPart(
      <DataTable
        caption="Things"
        columns={columns}
        rows={rows}
        rowKey={(row) => row.key}
        sorting={{ by: "key", descending: false }}
        onSort={onSort}
      />,
    );
    expect(screen.getByRole("table", { name: "Things" })).toBeInTheDocument();
    expect(screen.getByRole("columnheader", { name: "Key" })).toHaveAttribute("aria-sort", "ascending");
    expect(screen.getByRole("columnheader", { name: "Size" })).not.toHaveAttribute("aria-sort");
    await userEvent.setup().click(screen.getByRole("button", { name: "Key" }));
    expect(onSort).toHaveBeenCalledWith({ by: "key", descending: true });
  });

  test("a row is drawn again only when something of it is another", async () => {
    const drawn: string[] = [];
    const noted: Column<Thing>[] = [
      {
        id: "key",
        header: "Key",
        names: true,
        cell: ({ key }) => {
          drawn.push(key);
          return key;
        },
      },
    ];
    const user = userEvent.setup();
    renderPart(<Moving columns={noted} rows={rows} />);
    expect(new Set(drawn)).toEqual(new Set(rows.map(({ key }) => key)));
    drawn.length = 0;
    await user.click(screen.getByRole("button", { name: "To b" }));
    expect(document.querySelector("tr[data-current]")).toHaveAttribute("data-row", "b");
    expect(new Set(drawn)).toEqual(new Set(["b"]));
    drawn.length = 0;
    await user.click(screen.getByRole("checkbox", { name: "Select a" }));
    await user.click(screen.getByRole("checkbox", { name: "Select c" }));
    expect(screen.getByRole("checkbox", { name: "Select a" })).toBeChecked();
    expect(new Set(drawn)).toEqual(new Set(["a", "c"]));
  });

  test("a click with Shift takes the rows in between, and gives them all the same state", () => {
    const keys = rows.map((row) => row.key);
    const some = selectRows(keys, new Set(["a"]), "c", "a");
    expect([...some].toSorted()).toEqual(["a", "b", "c"]);
    expect([...selectRows(keys, some, "b", "c")]).toEqual(["a"]);
    expect([...selectRows(keys, new Set(), "b", "gone")]).toEqual(["b"]);
  });

  test("hostile text stays text", () => {
    const hostile = "<img src=x onerror=alert(1)>";
    renderPart(
      <DataTable
        caption="Things"
        columns={columns}
        rows={[{ key: hostile, size: 1 }]}
        rowKey={(row) => row.key}
      />,
    );
    expect(screen.getByRole("rowheader")).toHaveTextContent(hostile);
    expect(document.querySelector("img")).toBeNull();
  });
});

test("a time tells the absolute one to who points at it", async () => {
  const at = new Date(Date.now() - 120_000).toISOString();
  renderPart(<TimeAgo at={at} />);
  const ago = screen.getByText("2 min. ago");
  expect(screen.queryByRole("tooltip")).toBeNull();
  const user = userEvent.setup();
  await user.hover(ago);
  expect(await screen.findByRole("tooltip")).toHaveTextContent(at);
  await user.unhover(ago);
  await waitFor(() => expect(screen.queryByRole("tooltip")).toBeNull());
});

test("what cannot be taken back waits for the exact phrase", async () => {
  const onConfirm = vi.fn();
  const user = userEvent.setup();
  renderPart(
    <ConfirmDialog
      opened
      onClose={() => {}}
      title="Delete acme?"
      phrase="acme"
      submit="Delete acme"
      pending={false}
      error={null}
      onConfirm={onConfirm}
    />,
  );
  const confirm = await screen.findByLabelText("Type acme to confirm");
  await user.type(confirm, "acm{Enter}");
  expect(screen.getByRole("button", { name: "Delete acme" })).toBeDisabled();
  expect(onConfirm).not.toHaveBeenCalled();
  await user.type(confirm, "e{Enter}");
  expect(onConfirm).toHaveBeenCalledOnce();
});

test("a secret is closed only after it was said to be kept", async () => {
  const onClose = vi.fn();
  const user = userEvent.setup();
  renderPart(
    <SecretDialog title="Key" secrets={[{ name: "Key", value: "gwk_x" }]} done="Done" onClose={onClose} />,
  );
  expect(await screen.findByText("gwk_x")).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Done" })).toBeDisabled();
  await user.keyboard("{Escape}");
  expect(onClose).not.toHaveBeenCalled();
  await user.click(screen.getByLabelText("I have copied it"));
  await user.click(screen.getByRole("button", { name: "Done" }));
  expect(onClose).toHaveBeenCalledOnce();
});

test.each([
  ["acme", "acme"],
  ["Acme Ltd", "'Acme Ltd'"],
  ["it's; rm -rf /", `'it'\\''s; rm -rf /'`],
])("%s is one word of a shell", (word, written) => {
  expect(shellWord(word)).toBe(written);
});
