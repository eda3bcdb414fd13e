import { Alert, Button, Checkbox, Group, Stack, Text } from "@mantine/core";
import { IconPlus, IconZzz } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { ApiKey } from "../api/types";
import { type Column, DataTable } from "../parts/DataTable";
import { EmptyState } from "../parts/EmptyState";
import { Loaded } from "../parts/Loaded";
import { Page } from "../parts/Page";
import { AnchorLink, ButtonLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import { partsText } from "../parts/text";
import { useNow } from "../parts/useNow";
import { useRowKeys } from "../parts/useRowKeys";
import { scopeWords } from "../session/scopes";
import { useMay } from "../session/useMay";
import { keyListQuery, keyState } from "./api";
import { KeyBadge } from "./KeyBadge";
import { reachWords } from "./reach";
import { keysText } from "./text";

const route = getRouteApi("/signed-in/keys");

const { columns: heads } = keysText;
const NONE: readonly string[] = [];
const MINUTE_MS = 60_000;

const columnsAt = (now: number): readonly Column<ApiKey>[] => [
  {
    id: "name",
    header: heads.name,
    names: true,
    cell: (key) => (
      <>
        <AnchorLink to="/keys/$id" params={{ id: key.id }} fw={600}>
          {key.name}
        </AnchorLink>
        <Text size="sm" c="dimmed" fw={400} ff="monospace">
          {key.id}
        </Text>
      </>
    ),
  },
  { id: "state", header: heads.state, cell: (key) => <KeyBadge state={keyState(key, now)} /> },
  {
    id: "scopes",
    header: heads.scopes,
    cell: (key) =>
      key.scopes.includes("*") ? (
        keysText.everything
      ) : (
        <span title={key.scopes.map(scopeWords).join("\n")}>
          {key.scopes.length < 3 ? key.scopes.join(", ") : keysText.scopes(key.scopes.length)}
        </span>
      ),
  },
  { id: "reach", header: heads.reach, cell: reachWords },
  {
    id: "used",
    header: heads.used,
    whole: true,
    cell: (key) => (key.last_used_at ? <TimeAgo at={key.last_used_at} /> : keysText.never),
  },
  {
    id: "ends",
    header: heads.ends,
    whole: true,
    cell: (key) => (key.expires_at ? <TimeAgo at={key.expires_at} /> : keysText.never),
  },
];

/** The keys programs call with. */
export function KeyListPage() {
  const { ended = false } = route.useSearch();
  const navigate = route.useNavigate();
  const may = useMay();
  const now = useNow(MINUTE_MS);
  const list = useInfiniteQuery(keyListQuery(ended));
  const current = useRowKeys({
    keys: list.data?.pages.flatMap((page) => page.items.map((key) => key.id)) ?? NONE,
    onOpen: (id) => void navigate({ to: "/keys/$id", params: { id } }),
  });
  const make = may("keys:write") && (
    <ButtonLink to="/keys/new" leftSection={<IconPlus size={16} aria-hidden />}>
      {keysText.make}
    </ButtonLink>
  );
  return (
    <Page title={keysText.title} actions={make}>
      <Stack>
        <Text c="dimmed">{keysText.intro}</Text>
        <Checkbox
          label={keysText.ended}
          checked={ended}
          onChange={(event) => void navigate({ search: event.currentTarget.checked ? { ended: true } : {} })}
        />
        <Loaded query={list} height={240}>
          {({ pages }) => {
            const keys = pages.flatMap((page) => page.items);
            if (keys.length === 0) {
              return (
                <EmptyState title={keysText.emptyTitle} action={make} cli={keysText.cli}>
                  {keysText.empty}
                </EmptyState>
              );
            }
            const unused = keys.filter((key) => keyState(key, now) === "unused").length;
            return (
              <Stack>
                {unused > 0 && (
                  <Alert
                    variant="outline"
                    color="var(--tone-orange)"
                    role="note"
                    icon={<IconZzz aria-hidden />}
                    title={keysText.unusedTitle(unused)}
                  >
                    {keysText.unused}
                  </Alert>
                )}
                <DataTable
                  caption={keysText.caption}
                  columns={columnsAt(now)}
                  rows={keys}
                  rowKey={(key) => key.id}
                  current={current}
                />
                {list.hasNextPage && (
                  <Group justify="flex-end">
                    <Button
                      variant="default"
                      loading={list.isFetchingNextPage}
                      onClick={() => void list.fetchNextPage()}
                    >
                      {partsText.pager.more}
                    </Button>
                  </Group>
                )}
              </Stack>
            );
          }}
        </Loaded>
      </Stack>
    </Page>
  );
}
