import { Button, Group, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { IconCircleCheck, IconHelpCircle, IconTransform } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import type { Tenant } from "../../api/types";
import { Badge } from "../../parts/Badge";
import { SameWith } from "../../parts/CommandLine";
import { Loaded } from "../../parts/Loaded";
import { Panel } from "../../parts/Panel";
import { TimeAgo } from "../../parts/TimeAgo";
import { type Asked, explainQuery, routeOfQuery } from "../../routes/api";
import { FlowPicture } from "../../routes/FlowPicture";
import { TestPanel } from "../../routes/TestPanel";
import { text as routeText } from "../../routes/text";
import type { Route, RouteExplanation, RouteState } from "../../routes/types";
import { useMay } from "../../session/useMay";
import { detailText } from "./text";
import { useTenant } from "./useTenant";

const route = getRouteApi("/signed-in/tenants/$key/routes");
const words = detailText.routes;

const fine: ReadonlySet<RouteState> = new Set(["published", "withdrawn"]);

/** How requests reach a tenant, as Traefik has it, and who answers one that is described. */
export function RoutesTab() {
  const tenant = useTenant();
  const may = useMay();
  const path = absolute(route.useSearch().path ?? "/");
  const allowed = may("fleet:read");
  const query = useQuery({ ...routeOfQuery(tenant?.id ?? ""), enabled: allowed && tenant !== undefined });
  if (!tenant) return null;
  if (!allowed) return <Text>{detailText.needs("fleet:read")}</Text>;
  return (
    <Stack>
      <Panel title={words.title} hint={words.hint}>
        <Loaded query={query} height={200}>
          {(found) =>
            found ? <RouteOf tenant={tenant} found={found} /> : <Text c="dimmed">{words.none}</Text>
          }
        </Loaded>
      </Panel>
      <Explain tenant={tenant} />
      {tenant.host && <TestPanel key={`${tenant.host}${path}`} host={tenant.host} path={path} isFixed />}
    </Stack>
  );
}

function RouteOf({ tenant, found }: { tenant: Tenant; found: Route }) {
  return (
    <Stack>
      <Group gap="sm">
        <Badge
          look={{
            icon: fine.has(found.state)
              ? IconCircleCheck
              : found.state === "unknown"
                ? IconHelpCircle
                : IconTransform,
            tone: fine.has(found.state) ? "green" : "orange",
            word: routeText.state[found.state],
          }}
        />
        <Text size="sm">{routeText.stateMeaning[found.state]}</Text>
      </Group>
      <FlowPicture route={found} label={words.picture(tenant.key)} />
    </Stack>
  );
}

const absolute = (path: string): string => (path.startsWith("/") ? path : `/${path}`);

/** The URL of a tenant with another path. */
const urlOf = (base: string, path: string): string => {
  try {
    return new URL(absolute(path), base).href;
  } catch {
    return base;
  }
};

function Explain({ tenant }: { tenant: Tenant }) {
  const search = route.useSearch();
  const url = tenant.url ? urlOf(tenant.url, search.path ?? "/") : null;
  const asked: Asked & { url: string } = {
    url: url ?? "",
    ...(search.method ? { method: search.method } : {}),
    ...(search.headers ? { headers: search.headers } : {}),
  };
  const query = useQuery({ ...explainQuery(asked), enabled: url !== null });
  return (
    <Panel title={words.answer} hint={words.answerHint}>
      {url === null ? (
        <Text c="dimmed">{words.noHost}</Text>
      ) : (
        <Stack>
          <ExplainForm key={JSON.stringify(search)} pending={query.isFetching} />
          <Text size="sm" className="wrap-anywhere">
            <code>
              {search.method ?? "GET"} {url}
            </code>
          </Text>
          <Loaded query={query} height={160}>
            {(explanation) => <Explanation tenant={tenant} explanation={explanation} />}
          </Loaded>
          <SameWith cli={words.cli(url)} />
        </Stack>
      )}
    </Panel>
  );
}

function ExplainForm({ pending }: { pending: boolean }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const [path, setPath] = useState(search.path ?? "/");
  const [method, setMethod] = useState(search.method ?? "GET");
  const [headers, setHeaders] = useState(search.headers ?? "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void navigate({
      search: {
        ...(path.trim() && path !== "/" ? { path: path.trim() } : {}),
        ...(method.trim() && method !== "GET" ? { method: method.trim().toUpperCase() } : {}),
        ...(headers.trim() ? { headers: headers.trim() } : {}),
      },
      resetScroll: false,
    });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        <Group align="flex-end" gap="sm">
          <TextInput
            label={words.path}
            value={path}
            onChange={(event) => setPath(event.currentTarget.value)}
            style={{ flex: "1 1 14rem", maxWidth: "32rem" }}
            spellCheck={false}
            autoComplete="off"
          />
          <Button type="submit" variant="default" loading={pending}>
            {words.ask}
          </Button>
        </Group>
        <details open={Boolean(search.method || search.headers)}>
          <summary>{words.more}</summary>
          <Group align="flex-start" gap="sm" mt="xs">
            <TextInput
              label={words.method}
              value={method}
              onChange={(event) => setMethod(event.currentTarget.value)}
              w="8rem"
              spellCheck={false}
            />
            <Textarea
              label={words.headers}
              description={words.headersHint}
              value={headers}
              onChange={(event) => setHeaders(event.currentTarget.value)}
              style={{ flex: "1 1 16rem" }}
              spellCheck={false}
              rows={3}
            />
          </Group>
        </details>
      </Stack>
    </form>
  );
}

function Explanation({ tenant, explanation }: { tenant: Tenant; explanation: RouteExplanation }) {
  const { answer, reasons, takers, as_wanted, traefik } = explanation;
  return (
    <Stack gap="sm">
      {!traefik.known && (
        <Text c="var(--tone-orange)">
          {words.unknown}: {traefik.message} <code>{traefik.code}</code>
        </Text>
      )}
      {as_wanted !== null && (
        <Group>
          <Badge
            look={{
              icon: as_wanted ? IconCircleCheck : IconTransform,
              tone: as_wanted ? "green" : "red",
              word: as_wanted ? words.asWanted : words.notAsWanted,
            }}
          />
        </Group>
      )}
      {traefik.known && <Text>{answer ? words.answeredBy(answer.router) : words.answeredByNone}</Text>}
      {answer && (
        <FlowPicture
          route={{ held: answer, wanted: explanation.tenant_route?.wanted ?? null, differences: [] }}
          label={words.picture(tenant.key)}
        />
      )}
      {reasons.length > 0 && (
        <div>
          <Text fw={600}>{words.reasons}</Text>
          <ul>
            {reasons.map(({ code, message }) => (
              <li key={`${code}${message}`} className="wrap-anywhere">
                {message} <code>{code}</code>
                {routeText.advice[code] && (
                  <Text size="sm">
                    {words.whatToDo} {routeText.advice[code]}
                  </Text>
                )}
              </li>
            ))}
          </ul>
        </div>
      )}
      {takers.length > 1 && (
        <Text size="sm" className="wrap-anywhere">
          {words.takers}: {takers.join(", ")}
        </Text>
      )}
      <Text size="sm" c="dimmed">
        {words.seen} <TimeAgo at={traefik.seen_at} />
      </Text>
    </Stack>
  );
}
