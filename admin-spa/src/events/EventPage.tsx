import { Button, Group, Stack, Text } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useLive } from "../live/LiveProvider";
import { EmptyState } from "../parts/EmptyState";
import { Loaded } from "../parts/Loaded";
import { Page } from "../parts/Page";
import { TokenSearch } from "../parts/TokenSearch";
import type { Typed } from "../parts/tokens";
import type { EventFilter } from "./api";
import { EventTable } from "./EventTable";
import { eventsText } from "./text";
import { useJournal } from "./useJournal";

const route = getRouteApi("/signed-in/events");

const FIELDS = [
  {
    name: "kind",
    label: eventsText.fields.kind,
    values: [
      ...Object.entries(eventsText.families).map(([family, label]) => ({ value: `${family}.*`, label })),
      ...Object.keys(eventsText.kinds).map((kind) => ({ value: kind, label: kind })),
    ],
  },
  { name: "tenant", label: eventsText.fields.tenant },
];

function filterOf({ tokens }: Typed): EventFilter {
  const kind = tokens.find((token) => token.name === "kind")?.value;
  const tenant = tokens.find((token) => token.name === "tenant")?.value;
  return { ...(kind ? { kind } : {}), ...(tenant ? { tenant } : {}) };
}

/** What happens, as it happens. */
export function EventPage() {
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const [isPaused, setIsPaused] = useState(false);
  const [words, setWords] = useState("");
  const { backlog, events, waiting } = useJournal(filter, isPaused);
  const { state } = useLive();
  const tokens = [
    ...(filter.kind ? [{ name: "kind", value: filter.kind }] : []),
    ...(filter.tenant ? [{ name: "tenant", value: filter.tenant }] : []),
  ];
  return (
    <Page
      title={eventsText.title}
      actions={
        <Group gap="sm">
          {isPaused && waiting > 0 && <Text size="sm">{eventsText.waiting(waiting)}</Text>}
          <Button
            variant="default"
            leftSection={
              isPaused ? <IconPlayerPlay size={16} aria-hidden /> : <IconPlayerPause size={16} aria-hidden />
            }
            onClick={() => setIsPaused(!isPaused)}
          >
            {isPaused ? eventsText.resume : eventsText.pause}
          </Button>
        </Group>
      }
    >
      <TokenSearch
        fields={FIELDS}
        hint={eventsText.hint}
        typed={{ tokens, words }}
        onChange={(typed) => {
          setWords(typed.words);
          void navigate({ search: filterOf(typed) });
        }}
      />
      {words && (
        <Text size="sm" c="dimmed" mb="sm">
          {eventsText.wordsIgnored}
        </Text>
      )}
      <Loaded query={backlog} height={320}>
        {() =>
          events.length === 0 ? (
            <EmptyState title={eventsText.emptyTitle} cli={eventsText.cli}>
              {eventsText.empty}
            </EmptyState>
          ) : (
            <Stack>
              <Text size="sm" c="dimmed">
                {state === "live" ? eventsText.following : eventsText.notFollowing}{" "}
                {eventsText.kept(events.length)}
              </Text>
              <EventTable events={events} isFiltered={tokens.length > 0} />
            </Stack>
          )
        }
      </Loaded>
    </Page>
  );
}
