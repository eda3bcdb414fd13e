import { Anchor, Code, Stack, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useLocation } from "@tanstack/react-router";
import { useEffect, useMemo, useState } from "react";
import { type Column, DataTable } from "../parts/DataTable";
import { Loaded } from "../parts/Loaded";
import { Page } from "../parts/Page";
import { Panel } from "../parts/Panel";
import { type Failure, failureAnchor, failuresQuery } from "./failures";
import { Marked } from "./Marked";
import { operationsText } from "./text";

const words = operationsText.codes;

/** A code can stand in several parts; links lead to the first. */
const columnsOf = (first: ReadonlySet<Failure>): readonly Column<Failure>[] => [
  {
    id: "code",
    header: words.columns.code,
    names: true,
    cell: (failure) => (
      <Anchor
        href={`#${failureAnchor(failure.code)}`}
        inherit
        {...(first.has(failure) ? { id: failureAnchor(failure.code) } : {})}
      >
        <Code>{failure.code}</Code>
      </Anchor>
    ),
  },
  { id: "meaning", header: words.columns.meaning, cell: ({ meaning }) => <Marked>{meaning}</Marked> },
  {
    id: "remedy",
    header: words.columns.remedy,
    cell: ({ remedy, repeats }) => (
      <>
        <Marked>{remedy}</Marked>
        {repeats && (
          <Text size="sm" c="dimmed">
            {words.repeats[repeats]}
          </Text>
        )}
      </>
    ),
  },
];

/** Every failure code, what it means and what to do. */
export function FailureCodesPage() {
  const query = useQuery(failuresQuery);
  const { hash } = useLocation();
  const [find, setFind] = useState("");
  const loaded = query.isSuccess;
  useEffect(() => {
    if (loaded && hash) document.getElementById(hash)?.scrollIntoView({ block: "center" });
  }, [loaded, hash]);
  const sections = useMemo(() => {
    const wanted = find.trim().toLowerCase();
    const found = (query.data ?? []).filter((failure) =>
      `${failure.code} ${failure.meaning}`.toLowerCase().includes(wanted),
    );
    const grouped = new Map<string, Failure[]>();
    for (const failure of found)
      grouped.set(failure.section, [...(grouped.get(failure.section) ?? []), failure]);
    return grouped;
  }, [query.data, find]);
  const columns = useMemo(() => columnsOf(firstOfEach(query.data ?? [])), [query.data]);
  return (
    <Page title={words.title}>
      <Stack>
        <Text maw="44rem">{words.intro}</Text>
        <TextInput
          type="search"
          label={words.find}
          value={find}
          onChange={(event) => setFind(event.currentTarget.value)}
          maw="24rem"
        />
        <Loaded query={query} height={400}>
          {() => (
            <>
              {sections.size === 0 && <Text c="dimmed">{words.none}</Text>}
              {[...sections].map(([section, failures]) => (
                <Panel key={section} title={section}>
                  <DataTable
                    caption={section}
                    columns={columns}
                    rows={failures}
                    rowKey={({ code }) => code}
                    dense
                  />
                </Panel>
              ))}
            </>
          )}
        </Loaded>
      </Stack>
    </Page>
  );
}

function firstOfEach(failures: readonly Failure[]): ReadonlySet<Failure> {
  const first = new Map<string, Failure>();
  for (const failure of failures) if (!first.has(failure.code)) first.set(failure.code, failure);
  return new Set(first.values());
}
