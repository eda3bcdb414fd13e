import { Button, Group, Stack, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { tenantPageQuery } from "../../api/tenants";
import { CursorPager } from "../../parts/CursorPager";
import { DataTable, selectRows } from "../../parts/DataTable";
import { EmptyState } from "../../parts/EmptyState";
import { Loaded } from "../../parts/Loaded";
import { Page } from "../../parts/Page";
import { ButtonLink } from "../../parts/RouterLink";
import { useRowKeys } from "../../parts/useRowKeys";
import { poolListQuery } from "../../pools/api";
import { useMay } from "../../session/useMay";
import { text } from "../../text";
import { addressOf } from "../address";
import { tenantsText } from "../text";
import { useStatusNews } from "../useStatusNews";
import { BulkBar } from "./BulkBar";
import { BulkDialog, type Target } from "./BulkDialog";
import { ExportMenu } from "./ExportMenu";
import {
  batchFilterOf,
  DEFAULT_SORT,
  filterOf,
  isFiltered,
  type Resolved,
  resolve,
  sortingOf,
  type TenantSearch,
  writeSorting,
} from "./filter";
import { PeekDrawer } from "./PeekDrawer";
import { readLook, shownColumns, type TableLook, TableMenu, withColumns } from "./TableMenu";
import { TenantFilters } from "./TenantFilters";
import { tenantColumns } from "./tenantColumns";
import { useStored } from "./useStored";
import { ViewTabs } from "./ViewTabs";

const route = getRouteApi("/signed-in/tenants");
const LOOK = "gateway-tenant-table";
const words = tenantsText.list;
const NONE: ReadonlySet<string> = new Set();
const NO_POOLS: readonly never[] = [];

/** Every tenant the person sees: searched, sorted and paged by the server, kept fresh by events. */
export function TenantListPage() {
  const search = route.useSearch();
  const move = route.useNavigate();
  const may = useMay();
  const pools = useQuery({ ...poolListQuery, enabled: may("fleet:read") }).data;
  const resolved = useMemo(() => resolve(search, may("fleet:read") ? pools : NO_POOLS), [search, pools, may]);
  const [look, setLook] = useStored(LOOK, readLook);
  const change = (next: TenantSearch, replace = false) => void move({ search: next, replace });
  return (
    <Page title={text.list.title} actions={may("tenants:write") && <CreateLink />}>
      <Stack>
        <ViewTabs
          search={search}
          pools={may("fleet:read") ? pools : NO_POOLS}
          columns={shownColumns(look)}
          onColumns={(ids) => setLook(withColumns(look, ids))}
        />
        <TenantFilters
          search={search}
          pools={pools ?? NO_POOLS}
          onChange={(filter) => change({ ...filter, ...(search.sort ? { sort: search.sort } : {}) }, true)}
        />
        {resolved && "unknownPool" in resolved ? (
          <EmptyState title={text.list.noMatchTitle}>{words.unknownPool(resolved.unknownPool)}</EmptyState>
        ) : (
          <Rows
            search={search}
            resolved={resolved}
            pools={pools ?? NO_POOLS}
            onChange={change}
            look={look}
            onLook={setLook}
          />
        )}
      </Stack>
    </Page>
  );
}

function CreateLink() {
  return (
    <ButtonLink to="/tenants/new" leftSection={<IconPlus size={16} aria-hidden />}>
      {text.list.create}
    </ButtonLink>
  );
}

interface RowsProps {
  search: TenantSearch;
  resolved: Exclude<Resolved, { unknownPool: string }> | null;
  pools: readonly { id: string; name: string }[];
  onChange: (search: TenantSearch, replace?: boolean) => void;
  look: TableLook;
  onLook: (look: TableLook) => void;
}

function Rows({ search, resolved, pools, onChange, look, onLook }: RowsProps) {
  const may = useMay();
  const navigate = useNavigate();
  const [selected, setSelected] = useState<ReadonlySet<string>>(NONE);
  const [all, setAll] = useState(false);
  const [last, setLast] = useState<string>();
  const tenantQuery = resolved?.query ?? {};
  const query = useQuery({ ...tenantPageQuery(tenantQuery, search.cursor), enabled: resolved !== null });
  const tenants = useMemo(() => query.data?.items ?? [], [query.data]);
  useStatusNews(tenants);

  const columns = useMemo(() => {
    const names = new Map(pools.map(({ id, name }) => [id, name]));
    return tenantColumns((id) => names.get(id) ?? id);
  }, [pools]);
  const hidden = useMemo(() => new Set(look.hidden), [look.hidden]);
  const shown = columns.filter(({ id }) => !hidden.has(id));

  const { peek, bulk, cursor, ...rest } = search;
  const stay: TenantSearch = { ...rest, ...(cursor ? { cursor } : {}) };
  const keys = useMemo(() => tenants.map(({ id }) => id), [tenants]);
  const keyOf = useCallback(
    (id: string) => {
      const tenant = tenants.find((one) => one.id === id);
      return tenant && addressOf(tenant);
    },
    [tenants],
  );
  const current = useRowKeys({
    keys,
    onOpen: (id) => {
      const key = keyOf(id);
      if (key) void navigate({ to: "/tenants/$key", params: { key } });
    },
    onPeek: (id) => {
      const key = keyOf(id);
      if (key) onChange({ ...stay, peek: key });
    },
    onSelect: (id, range) => {
      if (!may("tenants:write")) return;
      setAll(false);
      setSelected(selectRows(keys, selected, id, range ? last : undefined));
      setLast(id);
    },
  });
  const target: Target =
    all || selected.size === 0 ? { filter: batchFilterOf(tenantQuery) ?? {} } : { tenants: [...selected] };
  const select = {
    selected: all ? new Set(keys) : selected,
    onChange: (next: ReadonlySet<string>) => {
      setAll(false);
      setSelected(next);
    },
    label: ({ key }: { key: string }) => words.select(key),
  };

  return (
    <>
      <Loaded query={query} height={480}>
        {(page) =>
          page.items.length === 0 ? (
            <Empty search={search} onClear={() => onChange({})} />
          ) : (
            <Stack>
              <Group justify="flex-end" gap="xs">
                <TableMenu columns={columns} look={look} onChange={onLook} />
                <ExportMenu query={tenantQuery} columns={shown} rows={page.items} />
              </Group>
              <DataTable
                caption={words.caption}
                columns={columns}
                hidden={hidden}
                rows={page.items}
                rowKey={({ id }) => id}
                sorting={sortingOf(search.sort ?? DEFAULT_SORT)}
                onSort={(sorting) => onChange({ ...filterOf(search), sort: writeSorting(sorting) }, true)}
                {...(may("tenants:write") ? { selection: select } : {})}
                current={current}
                dense={look.dense}
              />
              <CursorPager
                count={page.items.length}
                cursor={cursor}
                next={page.next_cursor}
                onMove={(next) => onChange({ ...rest, ...(next ? { cursor: next } : {}) })}
              />
              <Text size="sm" c="dimmed" visibleFrom="sm">
                {words.keys}
              </Text>
            </Stack>
          )
        }
      </Loaded>
      {(selected.size > 0 || all) && (
        <BulkBar
          selected={all ? "all" : selected.size}
          onAll={() => setAll(true)}
          onClear={() => {
            setAll(false);
            setSelected(NONE);
          }}
          onVerb={(verb) => onChange({ ...stay, bulk: verb })}
        />
      )}
      <PeekDrawer tenantKey={peek} onClose={() => onChange(stay, true)} />
      {resolved && may("tenants:write") && (
        <BulkDialog verb={bulk} target={target} onClose={() => onChange(stay, true)} />
      )}
    </>
  );
}

function Empty({ search, onClear }: { search: TenantSearch; onClear: () => void }) {
  if (isFiltered(filterOf(search)) || search.cursor) {
    return (
      <EmptyState
        title={text.list.noMatchTitle}
        action={
          <Button variant="default" onClick={onClear}>
            {text.list.clear}
          </Button>
        }
      >
        {text.list.noMatchBody}
      </EmptyState>
    );
  }
  return (
    <EmptyState title={text.list.emptyTitle} cli={text.list.cli}>
      {text.list.emptyBody}
    </EmptyState>
  );
}
