import { Button, Group, Stack, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { asProblem } from "../api/problem";
import { Page } from "../parts/Page";
import { Panel } from "../parts/Panel";
import { ProblemAlert } from "../parts/ProblemAlert";
import { ButtonLink } from "../parts/RouterLink";
import { partsText } from "../parts/text";
import { placeErrors } from "../tenants/pointers";
import { findTenants, type NewKey, useCreateKey } from "./api";
import { EndChoice, type Ending, endOf } from "./EndChoice";
import { KeyShown } from "./KeyShown";
import { type Reach, ReachChoice } from "./ReachChoice";
import { ScopeChoice } from "./ScopeChoice";
import { keysText } from "./text";

const words = keysText.form;

type Wrong = Partial<Record<"name" | "scopes" | "reach", string>>;

/** Makes a key for a program: what it may do, what it sees, when it ends. */
export function CreateKeyPage() {
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<readonly string[]>([]);
  const [ending, setEnding] = useState<Ending>("90");
  const [reach, setReach] = useState<Reach>({ kind: "all", tenants: "", pools: [] });
  const [wrong, setWrong] = useState<Wrong>({});
  const [looking, setLooking] = useState(false);
  const [secret, setSecret] = useState<{ id: string; key: string } | null>(null);
  const create = useCreateKey();
  const { placed, rest } = placeErrors(create.error ? asProblem(create.error).errors : [], [
    "name",
    "scopes",
  ]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (looking || create.isPending) return;
    const found: Wrong = {
      ...(name.trim() ? {} : { name: words.nameMissing }),
      ...(scopes.length > 0 ? {} : { scopes: words.scopesMissing }),
    };
    setLooking(true);
    const limit = await readReach(reach).catch((error: unknown) => ({ wrong: asProblem(error).message }));
    setLooking(false);
    if ("wrong" in limit) found.reach = limit.wrong;
    setWrong(found);
    if ("wrong" in limit || Object.keys(found).length > 0) return;
    const expires_at = endOf(ending, Date.now());
    const body: NewKey = {
      name: name.trim(),
      scopes: [...scopes],
      ...limit,
      ...(expires_at ? { expires_at } : {}),
    };
    create.mutate(body, { onSuccess: (made) => setSecret({ id: made.api_key.id, key: made.key }) });
  };
  const leave = () => {
    const id = secret?.id;
    create.reset();
    setSecret(null);
    void (id ? navigate({ to: "/keys/$id", params: { id } }) : navigate({ to: "/keys" }));
  };

  return (
    <Page title={words.title}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Stack maw="44rem">
          <TextInput
            label={words.name}
            description={words.nameHint}
            value={name}
            maxLength={100}
            autoComplete="off"
            onChange={(event) => setName(event.currentTarget.value)}
            error={wrong.name ?? placed.name}
          />
          <Panel title={words.scopes} hint={words.scopesHint}>
            <ScopeChoice chosen={scopes} onChange={setScopes} error={wrong.scopes ?? placed.scopes} />
          </Panel>
          <Panel title={words.reach}>
            <ReachChoice reach={reach} onChange={setReach} error={wrong.reach} />
          </Panel>
          <Panel title={words.ends}>
            <EndChoice ending={ending} onChange={setEnding} />
          </Panel>
          {create.isError && (rest.length > 0 || Object.keys(placed).length === 0) && (
            <ProblemAlert error={create.error} />
          )}
          <Group>
            <Button type="submit" loading={looking || create.isPending}>
              {words.submit}
            </Button>
            <ButtonLink to="/keys" variant="default">
              {partsText.cancel}
            </ButtonLink>
          </Group>
        </Stack>
      </form>
      <KeyShown name={name.trim()} secret={secret?.key ?? null} onClose={leave} />
    </Page>
  );
}

/** The limits a key gets, or what is wrong with them. */
async function readReach(
  reach: Reach,
): Promise<{ tenants?: string[]; pools?: string[] } | { wrong: string }> {
  switch (reach.kind) {
    case "all":
      return {};
    case "pools":
      return reach.pools.length > 0 ? { pools: [...reach.pools] } : { wrong: words.poolsMissing };
    case "tenants": {
      const names = reach.tenants.split(/[\s,]+/).filter(Boolean);
      if (names.length === 0) return { wrong: words.tenantsMissing };
      const { ids, unknown } = await findTenants(names);
      return unknown.length > 0 ? { wrong: unknown.map(words.unknownTenant).join(" ") } : { tenants: ids };
    }
  }
}
