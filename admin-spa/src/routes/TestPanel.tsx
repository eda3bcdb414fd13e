import { Button, Group, NativeSelect, Stack } from "@mantine/core";
import { Field } from "../fleet/Field";
import { useForm } from "../fleet/useForm";
import { SameWith, shellWord } from "../parts/CommandLine";
import { Panel } from "../parts/Panel";
import { ProblemAlert } from "../parts/ProblemAlert";
import { useTestRoute } from "./api";
import { TestResult } from "./TestResult";
import { text } from "./text";
import type { TestRoute } from "./types";

const words = text.test;

const methods = ["GET", "HEAD"] as const;
type Name = "host" | "path" | "method";

/** What was filled in, as the API takes it. */
const bodyOf = ({ host, path, method }: Readonly<Record<Name, string>>) =>
  ({
    host: host.trim(),
    path: path.trim() || "/",
    method: methods.find((one) => one === method) ?? "GET",
  }) satisfies TestRoute;

function faultsOf({ host, path }: Readonly<Record<Name, string>>): Partial<Record<Name, string>> {
  return {
    ...(host.trim() ? {} : { host: words.hostMissing }),
    ...(path.trim() && !path.trim().startsWith("/") ? { path: words.pathWrong } : {}),
  };
}

interface TestPanelProps {
  /** What the form begins with. */
  host: string;
  path: string;
  /** Whether only this host is asked. */
  isFixed?: boolean;
}

/** Sends a request to a tenant's host, when asked to and only then, and shows what came back. */
export function TestPanel({ host, path, isFixed = false }: TestPanelProps) {
  const test = useTestRoute();
  const form = useForm<Name>({
    initial: { host, path, method: "GET" },
    check: faultsOf,
    error: test.error,
    onSubmit: (values) => test.mutate(bodyOf(values)),
  });
  const body = bodyOf(form.values);
  return (
    <Panel title={words.title} hint={words.hint}>
      <Stack>
        <form ref={form.form} onSubmit={form.submit} noValidate>
          <Stack gap="sm" maw="44rem">
            {!isFixed && <Field of={form} name="host" label={words.host} required mono />}
            <Field of={form} name="path" label={words.path} hint={words.pathHint} mono />
            <Group align="flex-end" gap="sm">
              <NativeSelect
                label={words.method}
                name="method"
                data={[...methods]}
                value={form.values.method}
                onChange={(event) => form.set("method", event.currentTarget.value)}
                error={form.faultOf("method")}
              />
              <Button type="submit" variant="default" loading={test.isPending}>
                {words.submit}
              </Button>
            </Group>
            {form.rest && <ProblemAlert title={words.failed} error={form.rest} />}
          </Stack>
        </form>
        <div aria-live="polite">{test.data && !test.isPending && <TestResult test={test.data} />}</div>
        <SameWith
          cli={words.cli(shellWord(body.host || "HOST"), shellWord(body.path), body.method === "HEAD")}
          call={{ method: "POST", path: "/api/gateway/routes/test", body }}
        />
      </Stack>
    </Panel>
  );
}
