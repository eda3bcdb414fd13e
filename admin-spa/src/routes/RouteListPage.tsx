import { Button, Stack, Text } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { toFilter, toTyped } from "../fleet/typedFilter";
import { JobPanel } from "../jobs/JobPanel";
import { CursorPager } from "../parts/CursorPager";
import { DataTable } from "../parts/DataTable";
import { EmptyState } from "../parts/EmptyState";
import { Loaded } from "../parts/Loaded";
import { Page } from "../parts/Page";
import { Panel } from "../parts/Panel";
import { type TokenField, TokenSearch } from "../parts/TokenSearch";
import type { Typed } from "../parts/tokens";
import { useMay } from "../session/useMay";
import { routeListQuery } from "./api";
import { routeStates } from "./looks";
import { RepublishDialog } from "./RepublishDialog";
import { RouteBelow } from "./RouteBelow";
import { RouteTabs } from "./RouteTabs";
import { columnsOf } from "./routeColumns";
import { SightAlert, TraefikPanel } from "./TraefikPanel";
import { text } from "./text";

const page = getRouteApi("/signed-in/routes");
const words = text.list;

const fields: readonly TokenField[] = [
  {
    name: "state",
    label: words.stateFilter,
    values: routeStates.map((state) => ({ value: state, label: text.state[state] })),
  },
];

/** The route of every tenant as its row wants it beside what Traefik holds, and how Traefik is. */
export function RouteListPage() {
  const { show, job, ask, ...filter } = page.useSearch();
  const navigate = page.useNavigate();
  const may = useMay();
  const query = useQuery(routeListQuery(filter));
  const { cursor, ...filtered } = filter;
  const isFiltered = Object.keys(filtered).length > 0;

  const onTyped = (typed: Typed) =>
    void navigate({ search: { ...toFilter(typed, ["state"]), ...(job ? { job } : {}) }, replace: true });
  const toggle = (key: string) =>
    void navigate({
      search: (before) => {
        const { show: shown, ...others } = before;
        return shown === key ? others : { ...others, show: key };
      },
      resetScroll: false,
    });

  return (
    <Page
      title={words.title}
      actions={
        may("fleet:write") && (
          <Button
            variant="default"
            leftSection={<IconRefresh size={16} aria-hidden />}
            onClick={() => void navigate({ search: (before) => ({ ...before, ask: "republish" }) })}
          >
            {words.republish}
          </Button>
        )
      }
    >
      <RouteTabs />
      <Stack gap="lg">
        <TraefikPanel />
        {job && (
          <Panel title={text.republish.progress}>
            <JobPanel key={job} id={job} />
          </Panel>
        )}
        <div>
          <Text c="dimmed" mb="sm">
            {words.intro}
          </Text>
          <TokenSearch fields={fields} typed={toTyped(filtered)} onChange={onTyped} hint={words.tenantHint} />
          <Loaded query={query}>
            {(routes) => {
              if (routes.items.length === 0 && !cursor) {
                return isFiltered ? (
                  <EmptyState title={words.noMatchTitle}>{words.noMatchBody}</EmptyState>
                ) : (
                  <EmptyState title={words.emptyTitle} cli={words.cli}>
                    {words.emptyBody}
                  </EmptyState>
                );
              }
              return (
                <Stack>
                  <SightAlert sight={routes.traefik} />
                  <DataTable
                    caption={words.caption}
                    columns={columnsOf(show, toggle)}
                    rows={routes.items}
                    rowKey={(route) => route.tenant_id}
                    below={(route) => (route.tenant_key === show ? <RouteBelow route={route} /> : null)}
                  />
                  <CursorPager
                    count={routes.items.length}
                    cursor={cursor}
                    next={routes.next_cursor ?? null}
                    onMove={(next) =>
                      void navigate({ search: { ...filtered, ...(next ? { cursor: next } : {}) } })
                    }
                  />
                </Stack>
              );
            }}
          </Loaded>
        </div>
      </Stack>
      <RepublishDialog
        opened={ask === "republish"}
        onClose={() =>
          void navigate({
            search: (before) => {
              const { ask: _asked, ...others } = before;
              return others;
            },
          })
        }
        onAsked={(asked) => void navigate({ search: { ...filter, job: asked }, replace: true })}
      />
    </Page>
  );
}
