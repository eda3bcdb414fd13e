import { Button, Checkbox, Stack, Text } from "@mantine/core";
import { IconShieldCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { Field } from "../fleet/Field";
import { SoundnessTabs } from "../fleet/SoundnessTabs";
import { useForm } from "../fleet/useForm";
import { SameWith, shellWord } from "../parts/CommandLine";
import { Page } from "../parts/Page";
import { Panel } from "../parts/Panel";
import { ProblemAlert } from "../parts/ProblemAlert";
import { useMay } from "../session/useMay";
import { jobListQuery, useCreateJob } from "./api";
import { JobPanel } from "./JobPanel";
import { text } from "./text";

const page = getRouteApi("/signed-in/verify");
const words = text.verifyPage;

/** The keys somebody typed, with commas or spaces between. */
const readKeys = (typed: string): string[] => typed.split(/[\s,]+/).filter(Boolean);

/** Runs an audit and shows its report; without one asked for here, that of the latest. */
export function VerifyPage() {
  const { job } = page.useSearch();
  const may = useMay();
  const jobs = useQuery(jobListQuery(undefined)).data?.items;
  const latest = jobs?.find((one) => one.kind === "verify")?.id;
  const shown = job ?? latest;
  return (
    <Page title={words.title}>
      <SoundnessTabs />
      <Stack gap="lg">
        <Text c="dimmed" maw="48rem">
          {words.intro}
        </Text>
        {may("fleet:write") && <RunForm />}
        <Panel title={job ? words.report : words.latest}>
          {shown ? <JobPanel key={shown} id={shown} /> : <Text c="dimmed">{words.none}</Text>}
        </Panel>
      </Stack>
    </Page>
  );
}

function RunForm() {
  const navigate = page.useNavigate();
  const create = useCreateJob();
  const [quick, setQuick] = useState(false);
  const form = useForm({
    initial: { tenants: "" },
    check: () => ({}),
    error: create.error,
    onSubmit: (values) => {
      const tenants = readKeys(values.tenants);
      create.mutate(
        {
          kind: "verify",
          parameters: { ...(quick ? { quick } : {}), ...(tenants.length > 0 ? { tenants } : {}) },
        },
        { onSuccess: (job) => void navigate({ search: { job: job.id } }) },
      );
    },
  });
  const named = readKeys(form.values.tenants).map((key) => ` --tenant ${shellWord(key)}`);
  return (
    <Panel title={words.run}>
      <form ref={form.form} onSubmit={form.submit} noValidate>
        <Stack align="flex-start">
          <Field of={form} name="tenants" label={words.tenants} hint={words.tenantsHint} mono />
          <Checkbox
            label={words.quick}
            description={words.quickHint}
            checked={quick}
            onChange={(event) => setQuick(event.currentTarget.checked)}
          />
          {form.rest && <ProblemAlert title={text.notAccepted} error={form.rest} />}
          <Button
            type="submit"
            leftSection={<IconShieldCheck size={16} aria-hidden />}
            loading={create.isPending}
          >
            {words.submit}
          </Button>
          <SameWith cli={`gatewayctl verify${named.join("")}${quick ? " --quick" : ""}`} />
        </Stack>
      </form>
    </Panel>
  );
}
