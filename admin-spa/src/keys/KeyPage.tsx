import { Button, Group, List, NativeSelect, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import type { ApiKey } from "../api/types";
import { SameWith } from "../parts/CommandLine";
import { ConfirmDialog } from "../parts/ConfirmDialog";
import { Facts } from "../parts/Facts";
import { Loaded } from "../parts/Loaded";
import { useNotice } from "../parts/Notices";
import { Page } from "../parts/Page";
import { Panel } from "../parts/Panel";
import { AnchorLink } from "../parts/RouterLink";
import { TimeAgo } from "../parts/TimeAgo";
import { useNow } from "../parts/useNow";
import { scopeWords } from "../session/scopes";
import { useMay } from "../session/useMay";
import { keyQuery, keyState, useRevokeKey, useRotateKey } from "./api";
import { KeyBadge } from "./KeyBadge";
import { KeyShown } from "./KeyShown";
import { reachWords } from "./reach";
import { keysText } from "./text";

const route = getRouteApi("/signed-in/keys/$id");
const words = keysText.key;
const MINUTE_MS = 60_000;
const DAY_SECONDS = "86400";

/** One key: what it may do, when it was used, and how to exchange or revoke it. */
export function KeyPage() {
  const { id } = route.useParams();
  const key = useQuery(keyQuery(id));
  const now = useNow(MINUTE_MS);
  const may = useMay();
  const state = key.data && keyState(key.data, now);
  const isOver = state === "revoked" || state === "over";
  return (
    <Page title={key.data?.name ?? id} beside={state && <KeyBadge state={state} />}>
      <Loaded query={key} height={240}>
        {(found) => (
          <Stack>
            <KeyFacts apiKey={found} />
            <Panel title={words.scopes}>
              {found.scopes.includes("*") ? (
                <Text>{keysText.everything}</Text>
              ) : (
                <List>
                  {found.scopes.map((scope) => (
                    <List.Item key={scope}>{scopeWords(scope)}</List.Item>
                  ))}
                </List>
              )}
            </Panel>
            {may("keys:write") && !isOver && <KeyActions apiKey={found} />}
          </Stack>
        )}
      </Loaded>
    </Page>
  );
}

function KeyFacts({ apiKey }: { apiKey: ApiKey }) {
  const may = useMay();
  const { fields } = words;
  return (
    <Panel title={words.facts}>
      <Facts
        facts={[
          { name: fields.id, value: apiKey.id, copy: apiKey.id },
          { name: fields.reach, value: reachWords(apiKey) },
          { name: fields.created, value: <TimeAgo at={apiKey.created_at} /> },
          { name: fields.by, value: apiKey.created_by },
          {
            name: fields.expires,
            value: apiKey.expires_at ? <TimeAgo at={apiKey.expires_at} /> : words.neverEnds,
          },
          {
            name: fields.used,
            value: apiKey.last_used_at ? <TimeAgo at={apiKey.last_used_at} /> : keysText.never,
          },
          apiKey.rotated_at && { name: fields.rotated, value: <TimeAgo at={apiKey.rotated_at} /> },
          apiKey.former_until && { name: fields.former, value: <TimeAgo at={apiKey.former_until} /> },
          apiKey.revoked_at && { name: fields.revoked, value: <TimeAgo at={apiKey.revoked_at} /> },
        ]}
      />
      {may("audit:read") && (
        <Text size="sm" mt="xs">
          <AnchorLink to="/audit" search={{ actor: `key:${apiKey.name}` }}>
            {words.audit}
          </AnchorLink>
        </Text>
      )}
    </Panel>
  );
}

function KeyActions({ apiKey }: { apiKey: ApiKey }) {
  const [dialog, setDialog] = useState<"roll" | "revoke" | null>(null);
  const [overlap, setOverlap] = useState<string>(DAY_SECONDS);
  const [secret, setSecret] = useState<string | null>(null);
  const notify = useNotice();
  const rotate = useRotateKey(apiKey.id);
  const revoke = useRevokeKey(apiKey.id);
  const close = () => {
    setDialog(null);
    rotate.reset();
    revoke.reset();
  };
  return (
    <Panel title={words.danger}>
      <Group gap="xs">
        <Button variant="default" onClick={() => setDialog("roll")}>
          {words.roll}
        </Button>
        <Button color="red" variant="outline" onClick={() => setDialog("revoke")}>
          {words.revoke}
        </Button>
      </Group>
      <ConfirmDialog
        opened={dialog === "roll"}
        onClose={close}
        title={words.rollTitle}
        submit={words.rollSubmit}
        pending={rotate.isPending}
        error={rotate.error}
        onConfirm={() =>
          rotate.mutate(Number(overlap), {
            onSuccess: (made) => {
              setSecret(made.key);
              close();
            },
          })
        }
      >
        <Text>{words.rollBody}</Text>
        <NativeSelect
          label={words.overlap}
          value={overlap}
          onChange={(event) => setOverlap(event.currentTarget.value)}
          data={Object.entries(words.overlaps).map(([value, label]) => ({ value, label }))}
        />
      </ConfirmDialog>
      <ConfirmDialog
        opened={dialog === "revoke"}
        onClose={close}
        title={words.revokeTitle(apiKey.name)}
        phrase={apiKey.name}
        submit={words.revokeSubmit(apiKey.name)}
        danger
        pending={revoke.isPending}
        error={revoke.error}
        onConfirm={() =>
          revoke.mutate(undefined, {
            onSuccess: () => {
              close();
              notify({ tone: "green", message: words.revoked(apiKey.name) });
            },
          })
        }
      >
        <Text>{words.revokeBody}</Text>
        {apiKey.last_used_at && (
          <Text>
            {words.revokeUsed} <TimeAgo at={apiKey.last_used_at} />.
          </Text>
        )}
      </ConfirmDialog>
      <SameWith
        cli={`gatewayctl key rotate ${apiKey.id} --overlap ${overlap}\ngatewayctl key revoke ${apiKey.id}`}
        call={{ method: "DELETE", path: `/api/gateway/api-keys/${apiKey.id}` }}
      />
      <KeyShown name={apiKey.name} secret={secret} onClose={() => setSecret(null)} />
    </Panel>
  );
}
