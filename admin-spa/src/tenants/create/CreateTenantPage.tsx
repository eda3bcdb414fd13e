import { Button, Group, Paper, Radio, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useRef } from "react";
import { useIdempotencyKey } from "../../api/idempotency";
import { asProblem, ProblemError } from "../../api/problem";
import { useCreateTenant } from "../../api/tenants";
import type { Tier } from "../../api/types";
import { SameWith, shellWord } from "../../parts/CommandLine";
import { Page } from "../../parts/Page";
import { ProblemAlert } from "../../parts/ProblemAlert";
import { ButtonLink } from "../../parts/RouterLink";
import { text } from "../../text";
import { LabelFields } from "../LabelFields";
import { tenantsText } from "../text";
import classes from "./CreateTenantPage.module.css";
import { KeyField } from "./KeyField";
import { PlanCards } from "./PlanCards";
import { PoolField } from "./PoolField";
import { Preview } from "./Preview";
import { type Field, type TenantForm, useTenantForm } from "./useTenantForm";

const TIERS = Object.keys(text.tier) as Tier[];
const words = tenantsText.create;

/** Asks for a new tenant, says what will be made, then shows its first operation live. */
export function CreateTenantPage() {
  const navigate = useNavigate();
  const create = useCreateTenant();
  const { keyFor, forget } = useIdempotencyKey();
  const place = useRef<HTMLFormElement>(null);
  const form = useTenantForm(create.isError ? asProblem(create.error) : null);
  const { typed, body, unplaced } = form;

  const focusField = (field: Field) =>
    place.current?.querySelector<HTMLElement>(`[name="${field}"], [data-field="${field}"] input`)?.focus();

  const submit = (event: FormEvent) => {
    event.preventDefault();
    const blocking = form.blocking();
    if (blocking) return focusField(blocking);
    create.mutate(
      { body, key: keyFor(body) },
      {
        onSuccess: (tenant) => {
          forget();
          void navigate({ to: "/tenants/$key/provisioning", params: { key: tenant.key } });
        },
        onError: (error) => {
          const problem = asProblem(error);
          // What was refused is another call when it is sent again; only a lost answer is the same one.
          if (problem.status !== 0) forget();
          const first = form.firstRefused(problem);
          if (first) focusField(first);
        },
      },
    );
  };

  return (
    <Page title={words.title}>
      <div className={classes.columns}>
        <Paper withBorder p="lg" bg="var(--surface)">
          <form ref={place} onSubmit={submit} noValidate>
            <Stack gap="lg">
              <Text size="sm" c="dimmed">
                {words.intro}
              </Text>
              <TextInput
                label={words.company}
                name="company_name"
                required
                autoComplete="off"
                maxLength={200}
                value={typed.company}
                onChange={(event) => form.change("company_name", { company: event.currentTarget.value })}
                error={form.errors.company_name}
              />
              <KeyField form={form} />
              <Radio.Group
                label={words.tier}
                name="tier"
                value={typed.tier}
                onChange={(value) => form.change("tier", { tier: value as Tier })}
                error={form.errors.tier}
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
              <PlanCards form={form} />
              {typed.tier === "shared" && <PoolField form={form} />}
              <Advanced form={form} />
              {unplaced && (
                <ProblemAlert
                  title={words.failed}
                  error={
                    new ProblemError({
                      ...unplaced.problem,
                      title: unplaced.problem.title,
                      detail: unplaced.problem.detail ?? unplaced.problem.title,
                      errors: unplaced.rest,
                    })
                  }
                />
              )}
              <Group>
                <Button type="submit" loading={create.isPending}>
                  {words.submit(form.ready ? typed.key : "")}
                </Button>
                <ButtonLink to="/tenants" variant="default">
                  {words.cancel}
                </ButtonLink>
              </Group>
            </Stack>
          </form>
        </Paper>
        <Stack>
          <Preview form={form} />
          {form.ready && (
            <SameWith
              cli={words.cli(typed.key, shellWord(typed.company.trim()))}
              call={{ method: "POST", path: "/api/gateway/tenants", body }}
            />
          )}
        </Stack>
      </div>
    </Page>
  );
}

function Advanced({ form }: { form: TenantForm }) {
  const { typed, change, errors } = form;
  const wrong = errors.host ?? errors.labels ?? errors.notes;
  return (
    <details {...(wrong ? { open: true } : {})}>
      <summary className={classes.fold}>{words.advanced}</summary>
      <Stack mt="sm">
        <TextInput
          label={words.host}
          description={words.hostHint}
          name="host"
          value={typed.host}
          onChange={(event) => change("host", { host: event.currentTarget.value })}
          error={errors.host}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={253}
        />
        <div data-field="labels">
          <LabelFields
            fields={typed.labels}
            onChange={(labels) => change("labels", { labels })}
            errors={form.labelErrors}
            error={errors.labels}
          />
        </div>
        <Textarea
          label={words.notes}
          description={words.notesHint}
          name="notes"
          value={typed.notes}
          onChange={(event) => change("notes", { notes: event.currentTarget.value })}
          error={errors.notes}
          rows={3}
          maxLength={10_000}
        />
      </Stack>
    </details>
  );
}
