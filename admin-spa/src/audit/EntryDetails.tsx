import { Group, Stack, Table, Text, VisuallyHidden } from "@mantine/core";
import type { AuditEntry } from "../api/types";
import { CopyIcon } from "../parts/CopyIcon";
import { Facts } from "../parts/Facts";
import { writeToken } from "../parts/tokens";
import { asLine, findDifferences } from "./diff";
import classes from "./EntryDetails.module.css";
import { auditText } from "./text";

const { details: names, diff: words } = auditText;

/** All of one entry: what the call was, and how its target was and is. */
export function EntryDetails({ entry }: { entry: AuditEntry }) {
  const filter = [
    writeToken({ name: "actor", value: entry.actor }),
    writeToken({ name: "call", value: entry.call }),
    ...(entry.target ? [writeToken({ name: "target", value: entry.target })] : []),
  ].join(" ");
  return (
    <Stack gap="sm" py="xs">
      <Facts
        facts={[
          { name: names.path, value: entry.path },
          { name: names.status, value: entry.status },
          { name: names.via, value: auditText.via[entry.via] ?? entry.via },
          { name: names.address, value: entry.address },
          { name: names.request, value: entry.request_id, copy: entry.request_id },
          { name: names.id, value: entry.id },
          { name: names.digest, value: `${entry.digest.slice(0, 16)}…`, copy: entry.digest },
        ]}
      />
      <Diff entry={entry} />
      <Group gap={4}>
        <Text size="sm" c="dimmed">
          {auditText.copyFilter}
        </Text>
        <CopyIcon value={filter} label={auditText.copyFilter} />
      </Group>
    </Stack>
  );
}

function Diff({ entry }: { entry: AuditEntry }) {
  if (!entry.before && !entry.after) return null;
  const differences = findDifferences(entry.before, entry.after);
  if (differences.length === 0) return <Text size="sm">{words.same}</Text>;
  return (
    <div className={classes.frame}>
      <Table className={classes.diff ?? ""} verticalSpacing={4}>
        <caption>
          <VisuallyHidden>{words.caption}</VisuallyHidden>
        </caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col">{words.field}</Table.Th>
            <Table.Th scope="col">{words.before}</Table.Th>
            <Table.Th scope="col">{words.after}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {differences.map(({ field, before, after }) => (
            <Table.Tr key={field}>
              <Table.Th scope="row">{field}</Table.Th>
              <Table.Td>{before === undefined ? words.none : <del>{asLine(before)}</del>}</Table.Td>
              <Table.Td>{after === undefined ? words.none : <ins>{asLine(after)}</ins>}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </div>
  );
}
