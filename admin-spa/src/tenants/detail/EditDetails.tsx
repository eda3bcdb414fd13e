import {
  Alert,
  Button,
  Checkbox,
  Group,
  NativeSelect,
  Stack,
  Text,
  Textarea,
  TextInput,
} from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { asProblem, ProblemError } from "../../api/problem";
import { type EditTenant, editedTenantQuery, type ReadTenant, useEditTenant } from "../../api/tenants";
import type { Tenant } from "../../api/types";
import { Loaded } from "../../parts/Loaded";
import { useNotice } from "../../parts/Notices";
import type { Pair } from "../../parts/PairFields";
import { Panel } from "../../parts/Panel";
import { ProblemAlert } from "../../parts/ProblemAlert";
import { planListQuery } from "../../plans/api";
import { useMay } from "../../session/useMay";
import { fieldsOf, LabelFields, labelPatch, labelsOf } from "../LabelFields";
import { placeErrors, placeInside } from "../pointers";
import { detailText } from "./text";

const words = detailText.settings;
const FIELDS = ["company_name", "notes", "labels", "plan", "route_pinned"] as const;
/** Somebody changed the tenant since the form was filled. */
const CHANGED_STATUS = 412;

/** The form of what people write about a tenant, of its plan and of its route. */
export function EditDetails({ tenantKey }: { tenantKey: string }) {
  const queries = useQueryClient();
  const query = useQuery(editedTenantQuery(tenantKey));
  const [read, setRead] = useState(0);
  const again = async () => {
    await queries.refetchQueries({ queryKey: editedTenantQuery(tenantKey).queryKey });
    setRead((before) => before + 1);
  };
  return (
    <Panel title={words.details}>
      <Loaded query={query} height={320}>
        {(loaded) => <DetailsForm key={read} loaded={loaded} onReadAgain={again} />}
      </Loaded>
    </Panel>
  );
}

interface DetailsFormProps {
  loaded: ReadTenant;
  onReadAgain: () => Promise<void>;
}

interface Typed {
  company: string;
  notes: string;
  plan: string;
  pinned: boolean;
  labels: Pair[];
}

const typedOf = (tenant: Tenant): Typed => ({
  company: tenant.company_name,
  notes: tenant.notes,
  plan: tenant.plan,
  pinned: tenant.route_pinned,
  labels: fieldsOf(tenant.labels),
});

/** What was changed, as a merge patch; undefined where nothing was. */
export function editOf(tenant: Tenant, typed: Typed): EditTenant | undefined {
  const labels = labelPatch(tenant.labels, labelsOf(typed.labels));
  const edit: EditTenant = {
    ...(typed.company.trim() !== tenant.company_name ? { company_name: typed.company.trim() } : {}),
    ...(typed.notes !== tenant.notes ? { notes: typed.notes } : {}),
    ...(typed.plan !== tenant.plan ? { plan: typed.plan } : {}),
    ...(typed.pinned !== tenant.route_pinned ? { route_pinned: typed.pinned } : {}),
    ...(labels ? { labels } : {}),
  };
  return Object.keys(edit).length > 0 ? edit : undefined;
}

function DetailsForm({ loaded, onReadAgain }: DetailsFormProps) {
  // The form keeps what it was filled with: news about the tenant must not change it below somebody's hands.
  const [{ tenant, etag }] = useState(loaded);
  const may = useMay();
  const notify = useNotice();
  const save = useEditTenant(tenant.key);
  const [typed, setTyped] = useState(() => typedOf(tenant));
  const first = useRef<HTMLInputElement>(null);
  const plans = useQuery({ ...planListQuery, enabled: may("fleet:read") }).data ?? [];
  const names = new Set([tenant.plan, ...plans.filter(fitsTier(tenant)).map(({ name }) => name)]);
  const allowed = may("tenants:write");
  const edit = editOf(tenant, typed);
  const problem = save.isError ? asProblem(save.error) : null;
  const conflict = problem?.status === CHANGED_STATUS;
  const { placed, rest } = placeErrors(problem?.errors ?? [], FIELDS);
  const inLabels = placeInside(rest, "labels");

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!edit || !allowed) return;
    save.mutate(
      { edit, etag },
      {
        onSuccess: () => {
          notify({ tone: "green", message: words.saved });
          void onReadAgain();
        },
        onError: () => first.current?.focus(),
      },
    );
  };

  return (
    <form onSubmit={submit} noValidate>
      <Stack maw="44rem">
        {!may("tenants:write") && <Text c="dimmed">{words.readonly}</Text>}
        <TextInput
          ref={first}
          label={words.company}
          value={typed.company}
          onChange={(event) => setTyped({ ...typed, company: event.currentTarget.value })}
          error={placed.company_name}
          disabled={!allowed}
          maxLength={200}
          required
        />
        <LabelFields
          fields={typed.labels}
          onChange={(labels) => setTyped({ ...typed, labels })}
          errors={inLabels.placed}
          error={placed.labels}
          disabled={!allowed}
        />
        <Textarea
          label={words.notes}
          description={words.notesHint}
          value={typed.notes}
          onChange={(event) => setTyped({ ...typed, notes: event.currentTarget.value })}
          error={placed.notes}
          disabled={!allowed}
          rows={4}
          maxLength={10_000}
        />
        <NativeSelect
          label={words.plan}
          value={typed.plan}
          onChange={(event) => setTyped({ ...typed, plan: event.currentTarget.value })}
          data={[...names].map((name) => ({
            value: name,
            label: plans.find((plan) => plan.name === name)?.title || name,
          }))}
          error={placed.plan}
          disabled={!allowed || names.size < 2}
        />
        {edit?.plan && <Text size="sm">{words.planChanges}</Text>}
        {tenant.tier === "shared" && (
          <Checkbox
            label={words.pinned}
            description={words.pinnedHint}
            checked={typed.pinned}
            onChange={(event) => setTyped({ ...typed, pinned: event.currentTarget.checked })}
            error={placed.route_pinned}
            disabled={!allowed}
          />
        )}
        {conflict ? (
          <Alert
            variant="outline"
            color="var(--tone-orange)"
            role="alert"
            icon={<IconAlertTriangle aria-hidden />}
            title={words.conflictTitle}
          >
            <Stack gap="sm" align="flex-start">
              <Text size="sm">{words.conflict}</Text>
              <Button variant="default" size="xs" onClick={() => void onReadAgain()}>
                {words.reload}
              </Button>
            </Stack>
          </Alert>
        ) : (
          problem &&
          (inLabels.rest.length > 0 || problem.errors.length === 0) && (
            <ProblemAlert
              title={words.failed}
              error={new ProblemError({ ...problem, errors: inLabels.rest })}
            />
          )
        )}
        {allowed && (
          <Group>
            <Button type="submit" disabled={!edit} loading={save.isPending}>
              {words.save}
            </Button>
            {edit ? (
              <Button variant="default" onClick={() => setTyped(typedOf(tenant))}>
                {words.reset}
              </Button>
            ) : (
              <Text size="sm" c="dimmed">
                {words.nothing}
              </Text>
            )}
          </Group>
        )}
      </Stack>
    </form>
  );
}

const fitsTier =
  (tenant: Pick<Tenant, "tier">) =>
  ({ tier }: { tier: Tenant["tier"] | null }): boolean =>
    tier === null || tier === tenant.tier;
