import { Button, Group, NativeSelect, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { Signup } from "../api/types";
import { usePoll } from "../live/LiveProvider";
import { CursorPager } from "../parts/CursorPager";
import { type Column, DataTable } from "../parts/DataTable";
import { EmptyState } from "../parts/EmptyState";
import { Loaded } from "../parts/Loaded";
import { Page } from "../parts/Page";
import { AnchorLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import { useRowKeys } from "../parts/useRowKeys";
import { type SignupFilter, type SignupState, signupListQuery, signupStates } from "./api";
import { SignupBadge } from "./SignupBadge";
import { signupsText } from "./text";

const route = getRouteApi("/signed-in/signups");

const NONE: readonly string[] = [];
const { columns: heads } = signupsText;
/** Signups are told by no event of their own until they have a tenant. */
const POLL_MS = 15_000;

const columns: readonly Column<Signup>[] = [
  {
    id: "company",
    header: heads.company,
    names: true,
    cell: (signup) => (
      <>
        <AnchorLink to="/signups/$id" params={{ id: signup.id }} fw={600}>
          {signup.company_name}
        </AnchorLink>
        <Text size="sm" c="dimmed" fw={400}>
          {signup.key}
        </Text>
      </>
    ),
  },
  { id: "state", header: heads.state, cell: (signup) => <SignupBadge state={signup.state} /> },
  { id: "email", header: heads.email, cell: (signup) => signup.email },
  { id: "created", header: heads.created, whole: true, cell: (signup) => <TimeAgo at={signup.created_at} /> },
  {
    id: "until",
    header: heads.until,
    whole: true,
    cell: (signup) => signup.expires_at && <TimeAgo at={signup.expires_at} />,
  },
];

const pick = (state: string | undefined, cursor?: string): SignupFilter => ({
  ...(state ? { state: state as SignupState } : {}),
  ...(cursor ? { cursor } : {}),
});

/** Customers who signed up by themselves. */
export function SignupListPage() {
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const refetchInterval = usePoll(POLL_MS, POLL_MS);
  const list = useQuery({ ...signupListQuery(filter), refetchInterval });
  const current = useRowKeys({
    keys: list.data?.items.map((signup) => signup.id) ?? NONE,
    onOpen: (id) => void navigate({ to: "/signups/$id", params: { id } }),
  });
  return (
    <Page title={signupsText.title}>
      <Group mb="md">
        <NativeSelect
          label={signupsText.stateFilter}
          value={filter.state ?? ""}
          onChange={(event) => void navigate({ search: pick(event.currentTarget.value) })}
          data={[
            { value: "", label: signupsText.any },
            ...signupStates.map((state) => ({ value: state, label: signupsText.state[state] })),
          ]}
        />
      </Group>
      <Loaded query={list} height={240}>
        {(page) =>
          page.items.length === 0 ? (
            <EmptyState
              title={signupsText.emptyTitle}
              {...(filter.state
                ? {
                    action: (
                      <Button variant="default" onClick={() => void navigate({ search: {} })}>
                        {signupsText.showAll}
                      </Button>
                    ),
                  }
                : { cli: signupsText.cli })}
            >
              {filter.state ? signupsText.noMatch : signupsText.empty}
            </EmptyState>
          ) : (
            <Stack>
              <DataTable
                caption={signupsText.caption}
                columns={columns}
                rows={page.items}
                rowKey={(signup) => signup.id}
                current={current}
              />
              <CursorPager
                count={page.items.length}
                cursor={filter.cursor}
                next={page.next_cursor}
                onMove={(cursor) => void navigate({ search: pick(filter.state, cursor) })}
              />
            </Stack>
          )
        }
      </Loaded>
    </Page>
  );
}
