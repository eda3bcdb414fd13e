import { Button, Paper, Stack, Text, Textarea } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useEffect } from "react";
import { Field } from "../fleet/Field";
import { useForm } from "../fleet/useForm";
import { SameWith } from "../parts/CommandLine";
import { Loaded } from "../parts/Loaded";
import { Page } from "../parts/Page";
import { ProblemAlert } from "../parts/ProblemAlert";
import { type Asked, explainQuery } from "./api";
import { Explanation } from "./Explanation";
import { RouteTabs } from "./RouteTabs";
import { TestPanel } from "./TestPanel";
import { text } from "./text";

const page = getRouteApi("/signed-in/routes/explain");
const words = text.explain;
const names = ["url", "method", "headers", "entry_point", "client"] as const;
type Name = (typeof names)[number];

/** Only what was filled in, as the address and the API take it. */
function askedOf(values: Readonly<Record<Name, string>>): { [name in Name]?: string } {
  const given = names.flatMap((name) => (values[name].trim() ? [[name, values[name].trim()]] : []));
  return Object.fromEntries(given);
}

const valuesOf = (asked: Asked): Record<Name, string> => ({
  url: asked.url ?? "",
  method: asked.method ?? "",
  headers: asked.headers ?? "",
  entry_point: asked.entry_point ?? "",
  client: asked.client ?? "",
});

/** Asks who answers a URL, and says why. The request is part of the address, so an answer can be passed on. */
export function ExplainPage() {
  const asked = page.useSearch();
  const { url } = asked;
  const query = useQuery({ ...explainQuery({ ...asked, url: url ?? "" }), enabled: url !== undefined });
  return (
    <Page title={words.title}>
      <RouteTabs />
      <Stack gap="lg">
        <Text c="dimmed" maw="44rem">
          {words.intro}
        </Text>
        <AskForm asked={asked} error={query.error} pending={query.isFetching && !query.data} />
        {url !== undefined && (
          <>
            {!query.isError && (
              <Loaded query={query}>{(found) => <Explanation explanation={found} />}</Loaded>
            )}
            <SameWith
              cli={words.cli(url)}
              call={{
                method: "GET",
                path: `/api/gateway/routes/explain?${new URLSearchParams({ ...asked, url }).toString()}`,
              }}
            />
          </>
        )}
        <TestPanel key={url ?? ""} {...hostAndPathOf(url)} />
      </Stack>
    </Page>
  );
}

/** What a request to a URL asks for; nothing where it is no URL. */
function hostAndPathOf(url: string | undefined): { host: string; path: string } {
  if (url === undefined || !URL.canParse(url)) return { host: "", path: "/" };
  const { hostname, pathname, search } = new URL(url);
  return { host: hostname, path: `${pathname}${search}` };
}

interface AskFormProps {
  asked: Asked;
  error: unknown;
  pending: boolean;
}

function AskForm({ asked, error, pending }: AskFormProps) {
  const navigate = page.useNavigate();
  const form = useForm<Name>({
    initial: valuesOf(asked),
    check: (values) => (values.url.trim() ? {} : { url: words.urlMissing }),
    error,
    onSubmit: (values) => void navigate({ search: askedOf(values) }),
  });
  // Another address, such as by "back", fills the form anew; it keeps the focus where it is.
  const { fill } = form;
  const written = JSON.stringify(valuesOf(asked));
  useEffect(() => fill(JSON.parse(written)), [fill, written]);
  const more = Boolean(asked.method || asked.headers || asked.entry_point || asked.client);
  return (
    <Paper withBorder p="lg" maw="44rem" bg="var(--surface)">
      <form ref={form.form} onSubmit={form.submit} noValidate>
        <Stack>
          <Field of={form} name="url" label={words.url} hint={words.urlHint} required mono />
          <details open={more}>
            <summary>{words.more}</summary>
            <Stack mt="sm">
              <Field of={form} name="method" label={words.method} hint="GET" />
              <Textarea
                label={words.headers}
                description={words.headersHint}
                name="headers"
                rows={3}
                spellCheck={false}
                value={form.values.headers}
                onChange={(event) => form.set("headers", event.currentTarget.value)}
                error={form.faultOf("headers")}
              />
              <Field of={form} name="entry_point" label={words.entryPoint} hint={words.entryPointHint} />
              <Field of={form} name="client" label={words.client} hint="192.0.2.7" />
            </Stack>
          </details>
          {form.rest && <ProblemAlert title={words.problem} error={form.rest} />}
          <div>
            <Button type="submit" loading={pending}>
              {words.submit}
            </Button>
          </div>
        </Stack>
      </form>
    </Paper>
  );
}
