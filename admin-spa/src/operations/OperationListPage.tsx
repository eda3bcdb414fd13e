import { Button, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo } from "react";
import { type OperationFilter, operationPageQuery } from "../api/operations";
import type { OperationKind, OperationState } from "../api/types";
import { CursorPager } from "../parts/CursorPager";
import { DataTable } from "../parts/DataTable";
import { EmptyState } from "../parts/EmptyState";
import { Loaded } from "../parts/Loaded";
import { Page } from "../parts/Page";
import { type TokenField, TokenSearch } from "../parts/TokenSearch";
import type { Token, Typed } from "../parts/tokens";
import { useRowKeys } from "../parts/useRowKeys";
import { OperationTabs } from "./OperationTabs";
import { operationColumns } from "./operationColumns";
import { operationsText } from "./text";

const route = getRouteApi("/signed-in/operations");
const words = operationsText.list;

const chosen = <Word extends string>(labels: Record<Word, string>) =>
  (Object.keys(labels) as Word[]).map((value) => ({ value, label: labels[value] }));

const fields: readonly TokenField[] = [
  {
    name: "state",
    label: words.fields.state,
    values: chosen<OperationState>(operationsText.state),
    repeats: true,
  },
  {
    name: "kind",
    label: words.fields.kind,
    values: chosen<OperationKind>(operationsText.kind),
    repeats: true,
  },
  { name: "tenant", label: words.fields.tenant },
];

/** What the address holds: several words of one filter have commas between. */
const tokensOf = (filter: OperationFilter): Token[] =>
  fields.flatMap(({ name }) =>
    (filter[name as keyof OperationFilter] ?? "")
      .split(",")
      .filter(Boolean)
      .map((value) => ({ name, value })),
  );

function filterOf(tokens: readonly Token[]): OperationFilter {
  const joined = (name: string) =>
    tokens.flatMap((token) => (token.name === name ? [token.value] : [])).join(",");
  const [state, kind, tenant] = [joined("state"), joined("kind"), joined("tenant")];
  return { ...(state ? { state } : {}), ...(kind ? { kind } : {}), ...(tenant ? { tenant } : {}) };
}

/** All operations the person sees, newest first. */
export function OperationListPage() {
  const { cursor, ...filter } = route.useSearch();
  const move = route.useNavigate();
  const navigate = useNavigate();
  const query = useQuery(operationPageQuery(filter, cursor));
  const operations = query.data?.items ?? [];
  const keys = useMemo(() => (query.data?.items ?? []).map(({ id }) => id), [query.data]);
  const open = useCallback(
    (id: string) => void navigate({ to: "/operations/$id", params: { id } }),
    [navigate],
  );
  const current = useRowKeys({ keys, onOpen: open });
  const filtered = Object.keys(filter).length > 0;
  const typed: Typed = { tokens: tokensOf(filter), words: "" };
  return (
    <Page title={operationsText.operations}>
      <Stack>
        <OperationTabs />
        <TokenSearch
          fields={fields}
          typed={typed}
          hint={words.hint}
          onChange={({ tokens }) => void move({ search: { ...filterOf(tokens) }, replace: true })}
        />
        <Loaded query={query} height={320}>
          {(page) =>
            page.items.length > 0 ? (
              <>
                <DataTable
                  caption={words.caption}
                  columns={operationColumns}
                  rows={operations}
                  rowKey={({ id }) => id}
                  current={current}
                  dense
                />
                <CursorPager
                  count={page.items.length}
                  cursor={cursor}
                  next={page.next_cursor}
                  onMove={(next) => void move({ search: { ...filter, ...(next ? { cursor: next } : {}) } })}
                />
              </>
            ) : filtered ? (
              <EmptyState
                title={words.noMatchTitle}
                action={
                  <Button variant="default" onClick={() => void move({ search: {} })}>
                    {words.clear}
                  </Button>
                }
              >
                {words.noMatchBody}
              </EmptyState>
            ) : (
              <EmptyState title={words.emptyTitle}>{words.emptyBody}</EmptyState>
            )
          }
        </Loaded>
      </Stack>
    </Page>
  );
}
