import { Button, Group, Paper, Radio, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useRef, useState } from "react";
import { asProblem, ProblemError } from "../api/problem";
import { keyHolderQuery, useCreateTenant } from "../api/tenants";
import type { Tier } from "../api/types";
import { Page } from "../parts/Page";
import { ProblemAlert } from "../parts/ProblemAlert";
import { ButtonLink } from "../parts/RouterLink";
import { text } from "../text";
import { keyReasons } from "./keyRules";
import { placeErrors } from "./pointers";

const TIERS = Object.keys(text.tier) as Tier[];
const FIELDS = ["key", "company_name", "tier"] as const;
type Field = (typeof FIELDS)[number];
const TYPING_PAUSE_MS = 300;

/** Asks for a new tenant, then shows its first operation. */
export function CreateTenantPage() {
  const navigate = useNavigate();
  const create = useCreateTenant();
  const form = useRef<HTMLFormElement>(null);
  const [key, setKey] = useState("");
  const [company, setCompany] = useState("");
  const [tier, setTier] = useState<Tier>("shared");
  const [submitted, setSubmitted] = useState(false);
  // Fields changed since the last answer: what the server said about them no longer holds.
  const [edited, setEdited] = useState<readonly Field[]>([]);
  const change = (field: Field) => setEdited((before) => [...before, field]);

  const reasons = keyReasons(key);
  const [settledKey] = useDebouncedValue(key, TYPING_PAUSE_MS);
  const holder = useQuery({
    ...keyHolderQuery(settledKey),
    enabled: keyReasons(settledKey).length === 0,
  }).data;
  const taken = holder && holder.key === key ? holder : null;

  const problem = create.isError ? asProblem(create.error) : null;
  const { placed, rest } = placeErrors(problem?.errors ?? [], FIELDS);
  const fromServer = (field: Field) => (edited.includes(field) ? undefined : placed[field]);
  const unplaced =
    problem && (rest.length > 0 || Object.keys(placed).length === 0)
      ? new ProblemError({ ...problem, detail: problem.detail ?? problem.title, errors: rest })
      : null;

  const keyError =
    key === "" ? (submitted ? text.keyReason.missing : undefined) : reasons.join(" ") || undefined;
  const companyError = submitted && !company.trim() ? text.create.companyMissing : undefined;

  const focusField = (field: Field) =>
    form.current?.querySelector<HTMLInputElement>(`[name="${field}"]`)?.focus();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSubmitted(true);
    if (reasons.length > 0) return focusField("key");
    if (!company.trim()) return focusField("company_name");
    setEdited([]);
    create.mutate(
      { key, company_name: company.trim(), tier },
      {
        onSuccess: (tenant) => navigate({ to: "/tenants/$key", params: { key: tenant.key } }),
        onError: (error) => {
          const first = FIELDS.find((field) => placeErrors(asProblem(error).errors, FIELDS).placed[field]);
          if (first) focusField(first);
        },
      },
    );
  };

  return (
    <Page title={text.create.title}>
      <Paper withBorder p="lg" maw="38rem" bg="var(--surface)">
        <form ref={form} onSubmit={submit} noValidate>
          <Stack gap="lg">
            <Text size="sm" c="dimmed">
              {text.create.intro}
            </Text>
            <TextInput
              label={text.create.key}
              description={text.create.keyHint}
              name="key"
              required
              autoComplete="off"
              autoCapitalize="none"
              spellCheck={false}
              value={key}
              onChange={(event) => {
                setKey(event.currentTarget.value);
                change("key");
              }}
              error={
                keyError ??
                (taken ? text.create.keyTaken(taken.company_name) : undefined) ??
                fromServer("key")
              }
              styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
            />
            <TextInput
              label={text.create.company}
              name="company_name"
              required
              autoComplete="off"
              value={company}
              onChange={(event) => {
                setCompany(event.currentTarget.value);
                change("company_name");
              }}
              error={companyError ?? fromServer("company_name")}
            />
            <Radio.Group
              label={text.create.tier}
              name="tier"
              value={tier}
              onChange={(value) => {
                setTier(value as Tier);
                change("tier");
              }}
              error={fromServer("tier")}
            >
              <Stack gap="sm" mt="xs">
                {TIERS.map((value) => (
                  <Radio
                    key={value}
                    value={value}
                    label={text.tier[value]}
                    description={text.tierMeaning[value]}
                  />
                ))}
              </Stack>
            </Radio.Group>
            {unplaced && <ProblemAlert title={text.create.failed} error={unplaced} />}
            <Group>
              <Button type="submit" loading={create.isPending}>
                {text.create.submit(reasons.length === 0 ? key : "")}
              </Button>
              <ButtonLink to="/tenants" variant="default">
                {text.create.cancel}
              </ButtonLink>
            </Group>
          </Stack>
        </form>
      </Paper>
    </Page>
  );
}
