import { Button, Menu } from "@mantine/core";
import { IconAdjustmentsHorizontal } from "@tabler/icons-react";
import { tenantsText } from "../text";
import type { TenantColumn } from "./tenantColumns";
import { HIDDEN_AT_FIRST, tenantColumns } from "./tenantColumns";

const words = tenantsText.list;

/** How the table looks; kept in this browser. */
export interface TableLook {
  hidden: readonly string[];
  dense: boolean;
}

/** Makes sense of what the browser kept. */
export function readLook(stored: unknown): TableLook {
  const { hidden, dense } = (stored ?? {}) as { hidden?: unknown; dense?: unknown };
  return {
    hidden: Array.isArray(hidden)
      ? hidden.filter((id): id is string => typeof id === "string")
      : HIDDEN_AT_FIRST,
    dense: dense === true,
  };
}

const allColumns = tenantColumns((id) => id);

/** The columns that are shown, by their ids. */
export const shownColumns = ({ hidden }: TableLook): string[] =>
  allColumns.flatMap(({ id }) => (hidden.includes(id) ? [] : [id]));

/** The same look with these columns and no others, besides the one that names the rows. */
export const withColumns = (look: TableLook, ids: readonly string[]): TableLook => ({
  ...look,
  hidden: allColumns.flatMap(({ id, names }) => (names || ids.includes(id) ? [] : [id])),
});

interface TableMenuProps {
  columns: readonly TenantColumn[];
  look: TableLook;
  onChange: (look: TableLook) => void;
}

/** Chooses columns and density. */
export function TableMenu({ columns, look, onChange }: TableMenuProps) {
  const hidden = new Set(look.hidden);
  const toggle = (id: string) =>
    onChange({
      ...look,
      hidden: hidden.has(id) ? look.hidden.filter((one) => one !== id) : [...look.hidden, id],
    });
  return (
    <Menu position="bottom-end" closeOnItemClick={false}>
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<IconAdjustmentsHorizontal size={16} aria-hidden />}
          aria-label={words.viewLabel}
        >
          {words.view}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{words.density}</Menu.Label>
        <Menu.RadioGroup
          value={look.dense ? "dense" : "comfortable"}
          onChange={(value) => onChange({ ...look, dense: value === "dense" })}
        >
          <Menu.RadioItem value="comfortable">{words.comfortable}</Menu.RadioItem>
          <Menu.RadioItem value="dense">{words.dense}</Menu.RadioItem>
        </Menu.RadioGroup>
        <Menu.Label>{words.columnsTitle}</Menu.Label>
        {columns
          .filter(({ names }) => !names)
          .map(({ id, header }) => (
            <Menu.CheckboxItem key={id} checked={!hidden.has(id)} onChange={() => toggle(id)}>
              {header}
            </Menu.CheckboxItem>
          ))}
      </Menu.Dropdown>
    </Menu>
  );
}
