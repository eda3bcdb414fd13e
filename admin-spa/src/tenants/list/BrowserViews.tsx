import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { ProblemAlert } from "../../parts/ProblemAlert";
import { tenantsText } from "../text";
import type { TenantSearch } from "./filter";
import { useStored } from "./useStored";
import { ViewLink } from "./ViewLink";
import { useKeepViews } from "./viewCalls";
import { queryOfView, readViews } from "./views";

const STORED = "gateway-tenant-views";
const words = tenantsText.views;

interface BrowserViewsProps {
  search: TenantSearch;
  pools: readonly { id: string; name: string }[] | undefined;
}

/** Views that an earlier release kept in this browser alone, until they are saved or forgotten. Nothing where there are none. */
export function BrowserViews({ search, pools }: BrowserViewsProps) {
  const [views, setViews] = useStored(STORED, readViews);
  const keep = useKeepViews();
  if (views.length === 0) return null;
  const bodies = views.flatMap((view) => {
    const query = queryOfView(view.search, pools);
    return query === null ? [] : [{ name: view.name, query }];
  });
  const save = () =>
    keep.mutate(bodies, {
      onSuccess: ({ kept }) => setViews(views.filter(({ name }) => !kept.includes(name))),
    });
  return (
    <Alert variant="outline" color="var(--tone-blue)" title={words.ofBrowser(views.length)}>
      <Stack gap="xs">
        <Group gap="xs">
          {views.map((view) => (
            <ViewLink key={`${view.name} ${JSON.stringify(view.search)}`} view={view} search={search} />
          ))}
        </Group>
        {bodies.length < views.length && pools !== undefined && <Text size="sm">{words.unknownPool}</Text>}
        {keep.data?.error != null && <ProblemAlert title={words.keepFailed} error={keep.data.error} />}
        <Group gap="xs">
          <Button size="xs" loading={keep.isPending} disabled={bodies.length === 0} onClick={save}>
            {words.keep}
          </Button>
          <Button size="xs" variant="default" onClick={() => setViews([])}>
            {words.forget}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
