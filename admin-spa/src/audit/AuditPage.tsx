import { Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { CursorPager } from "../parts/CursorPager";
import { DataTable } from "../parts/DataTable";
import { EmptyState } from "../parts/EmptyState";
import { Loaded } from "../parts/Loaded";
import { Page } from "../parts/Page";
import { TokenSearch } from "../parts/TokenSearch";
import type { Token, Typed } from "../parts/tokens";
import { useRowKeys } from "../parts/useRowKeys";
import { type AuditFilter, auditQuery } from "./api";
import { ChainCheck } from "./ChainCheck";
import { columnsOf } from "./columns";
import { EntryDetails } from "./EntryDetails";
import { ExportButton } from "./ExportButton";
import { auditText } from "./text";

const route = getRouteApi("/signed-in/audit");

const NONE: readonly string[] = [];
const NAMES = ["actor", "call", "target"] as const;
const FIELDS = NAMES.map((name) => ({ name, label: auditText.fields[name] }));

const tokensOf = (filter: AuditFilter): Token[] =>
  NAMES.flatMap((name) => {
    const value = filter[name];
    return value ? [{ name, value }] : [];
  });

/** A filter made of what was typed; it begins at the first page. */
function filterOf({ tokens }: Typed): AuditFilter {
  const filter: AuditFilter = {};
  for (const name of NAMES) {
    const value = tokens.find((token) => token.name === name)?.value;
    if (value) filter[name] = value;
  }
  return filter;
}

/** Who changed what, and what was refused. */
export function AuditPage() {
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const list = useQuery(auditQuery(filter));
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const [words, setWords] = useState("");
  const toggle = (id: number) => {
    const next = new Set(open);
    if (!next.delete(id)) next.add(id);
    setOpen(next);
  };
  const current = useRowKeys({
    keys: list.data?.items.map((entry) => String(entry.id)) ?? NONE,
    onOpen: (id) => toggle(Number(id)),
    onPeek: (id) => toggle(Number(id)),
  });
  return (
    <Page title={auditText.title} actions={<ExportButton filter={filter} />}>
      <TokenSearch
        fields={FIELDS}
        hint={auditText.hint}
        typed={{ tokens: tokensOf(filter), words }}
        onChange={(typed) => {
          setWords(typed.words);
          void navigate({ search: filterOf(typed) });
        }}
      />
      {words && (
        <Text size="sm" c="dimmed" mb="sm">
          {auditText.wordsIgnored}
        </Text>
      )}
      <Stack>
        <Loaded query={list} height={320}>
          {(page) =>
            page.items.length === 0 ? (
              <EmptyState title={auditText.emptyTitle} cli={auditText.cli}>
                {auditText.empty}
              </EmptyState>
            ) : (
              <Stack>
                <DataTable
                  caption={auditText.caption}
                  columns={columnsOf({
                    isOpen: (entry) => open.has(entry.id),
                    onToggle: (entry) => toggle(entry.id),
                    onFilter: (part) =>
                      void navigate({
                        search: { ...filterOf({ tokens: tokensOf(filter), words: "" }), ...part },
                      }),
                  })}
                  rows={page.items}
                  rowKey={(entry) => String(entry.id)}
                  current={current}
                  below={(entry) => open.has(entry.id) && <EntryDetails entry={entry} />}
                  dense
                />
                <CursorPager
                  count={page.items.length}
                  cursor={filter.cursor}
                  next={page.next_cursor}
                  onMove={(cursor) =>
                    void navigate({
                      search: {
                        ...filterOf({ tokens: tokensOf(filter), words: "" }),
                        ...(cursor ? { cursor } : {}),
                      },
                    })
                  }
                />
              </Stack>
            )
          }
        </Loaded>
        <ChainCheck />
      </Stack>
    </Page>
  );
}
