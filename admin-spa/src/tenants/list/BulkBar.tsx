import { Button, Group, Menu, Text } from "@mantine/core";
import { tenantsText } from "../text";
import classes from "./BulkBar.module.css";
import { type BulkVerb, bulkVerbs, frequent } from "./bulkVerbs";

const words = tenantsText.bulk;

interface BulkBarProps {
  /** How many are selected; "all" stands for all that match. */
  selected: number | "all";
  onAll: () => void;
  onClear: () => void;
  onVerb: (verb: BulkVerb) => void;
}

/** What can be asked of the selected tenants; it stays in sight at the bottom. */
export function BulkBar({ selected, onAll, onClear, onVerb }: BulkBarProps) {
  return (
    <section className={classes.bar} aria-label={words.bar}>
      <Group gap="xs" justify="space-between">
        <Group gap="xs">
          <Text size="sm" fw={600} role="status">
            {selected === "all" ? words.allSelected : words.selected(selected)}
          </Text>
          {selected !== "all" && (
            <Button variant="subtle" size="xs" onClick={onAll}>
              {words.selectAll}
            </Button>
          )}
          <Button variant="subtle" size="xs" onClick={onClear}>
            {words.clear}
          </Button>
        </Group>
        <Group gap="xs">
          {frequent.map((verb) => (
            <Button key={verb} variant="default" size="xs" onClick={() => onVerb(verb)}>
              {words.verb[verb]}…
            </Button>
          ))}
          <Menu position="top-end">
            <Menu.Target>
              <Button variant="default" size="xs">
                {words.more}
              </Button>
            </Menu.Target>
            <Menu.Dropdown>
              {bulkVerbs
                .filter((verb) => !frequent.includes(verb))
                .map((verb) => (
                  <Menu.Item key={verb} onClick={() => onVerb(verb)}>
                    {words.verb[verb]}…
                  </Menu.Item>
                ))}
            </Menu.Dropdown>
          </Menu>
        </Group>
      </Group>
    </section>
  );
}
