import { Button, Group, Stack } from "@mantine/core";
import { IconBookmarkPlus } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ProblemAlert } from "../../parts/ProblemAlert";
import { tenantsText } from "../text";
import { BrowserViews } from "./BrowserViews";
import type { TenantSearch } from "./filter";
import { NameView } from "./NameView";
import { ViewLink } from "./ViewLink";
import { ViewMenu } from "./ViewMenu";
import classes from "./ViewTabs.module.css";
import { useCreateView, viewsQuery } from "./viewCalls";
import { givenViews, isShown, queryOfView, searchOfQuery, viewSearch } from "./views";

const words = tenantsText.views;

interface ViewTabsProps {
  search: TenantSearch;
  /** Undefined until they are known. */
  pools: readonly { id: string; name: string }[] | undefined;
  /** The columns that are shown, by their ids. */
  columns: readonly string[];
  /** Asks for other columns: those that a view keeps. */
  onColumns: (columns: readonly string[]) => void;
}

/** Views as tabs: those everybody has, one's own, and those that others share; and a way to keep the present filters. */
export function ViewTabs({ search, pools, columns, onColumns }: ViewTabsProps) {
  const query = useQuery(viewsQuery);
  const [saving, setSaving] = useState(false);
  const create = useCreateView();
  const saved = (query.data ?? []).map((kept) => ({
    kept,
    view: { name: kept.name, search: searchOfQuery(kept.query, pools) },
  }));
  const known = [...givenViews, ...saved.map(({ view }) => view)].some((view) => isShown(view, search));
  const present = queryOfView(viewSearch(search), pools);
  const end = () => {
    setSaving(false);
    create.reset();
  };
  return (
    <Stack gap="xs">
      <Group gap="xs" justify="space-between" align="center">
        <nav aria-label={words.label} className={classes.tabs}>
          {givenViews.map((view) => (
            <ViewLink key={view.name} view={view} search={search} />
          ))}
          {saved.map(({ kept, view }) => (
            <span key={kept.id} className={classes.own}>
              <ViewLink
                view={view}
                search={search}
                {...sharing(kept)}
                onOpen={() => kept.columns.length > 0 && onColumns(kept.columns)}
              />
              {kept.own && <ViewMenu view={kept} present={isShown(view, search) ? null : present} />}
            </span>
          ))}
        </nav>
        {!known && (
          <Button
            variant="subtle"
            size="xs"
            leftSection={<IconBookmarkPlus size={14} aria-hidden />}
            disabled={present === null}
            onClick={() => setSaving(true)}
          >
            {words.save}
          </Button>
        )}
      </Group>
      {query.isError && (
        <ProblemAlert
          title={words.unreadable}
          error={query.error}
          onRetry={() => void query.refetch()}
          retrying={query.isFetching}
        />
      )}
      <BrowserViews search={search} pools={pools} />
      <NameView
        opened={saving}
        onClose={end}
        title={words.saveTitle}
        hint={words.saveHint}
        submit={words.submit}
        isNew
        pending={create.isPending}
        error={create.error}
        onSave={({ name, shared, keepsColumns }) => {
          if (present === null) return;
          const kept = keepsColumns ? { columns: [...columns] } : {};
          create.mutate({ name, shared, query: present, ...kept }, { onSuccess: end });
        }}
      />
    </Stack>
  );
}

/** What is told of a view that others see or share. */
const sharing = ({ shared, own, owner }: { shared: boolean; own: boolean; owner: string }) =>
  shared ? { note: own ? words.shared : words.sharedBy(owner) } : {};
