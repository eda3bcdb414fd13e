import { Button, Group, Text } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { partsText } from "./text";

interface CursorPagerProps {
  /** Rows on this page. */
  count: number;
  /** Where this page begins; absent on the first. */
  cursor: string | undefined;
  /** Where the next page begins; null on the last. */
  next: string | null;
  onMove: (cursor: string | undefined) => void;
}

/**
 * The page before each cursor this tab has seen: cursors only lead forward. After a reload the way back is the first page.
 */
const before = new Map<string, string | undefined>();

/** Moves through the pages of a list; the cursor is part of the address. */
export function CursorPager({ count, cursor, next, onMove }: CursorPagerProps) {
  // While a page loads, the rows of the one before stand in for it, and their next page is the one that loads.
  if (next !== null && next !== cursor && !before.has(next)) before.set(next, cursor);
  if (cursor === undefined && next === null) {
    return (
      <Text size="sm" c="dimmed">
        {partsText.pager.rows(count, false)}
      </Text>
    );
  }
  return (
    <Group justify="space-between" component="nav" aria-label={partsText.pager.label}>
      <Text size="sm" c="dimmed">
        {partsText.pager.rows(count, true)}
      </Text>
      <Group gap="xs">
        {cursor !== undefined && (
          <Button
            variant="default"
            leftSection={<IconChevronLeft size={16} aria-hidden />}
            onClick={() => onMove(before.get(cursor))}
          >
            {before.has(cursor) ? partsText.pager.previous : partsText.pager.first}
          </Button>
        )}
        {next !== null && (
          <Button
            variant="default"
            rightSection={<IconChevronRight size={16} aria-hidden />}
            onClick={() => onMove(next)}
          >
            {partsText.pager.next}
          </Button>
        )}
      </Group>
    </Group>
  );
}
