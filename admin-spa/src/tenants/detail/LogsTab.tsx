import { Button, Checkbox, Group, NativeSelect, Stack, Text } from "@mantine/core";
import { IconDownload, IconRefresh } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import type { FormEvent } from "react";
import type { Tenant } from "../../api/types";
import { SameWith } from "../../parts/CommandLine";
import { Panel } from "../../parts/Panel";
import { ProblemAlert } from "../../parts/ProblemAlert";
import { saveText } from "../../parts/saveText";
import { TimeAgo } from "../../parts/TimeAgo";
import { useMay } from "../../session/useMay";
import { addressOf } from "../address";
import { type TenantLogLine, type TenantLogs, useReadLogs } from "./container";
import classes from "./LogsTab.module.css";
import { DEFAULT_LINES, type LogSearch, lineCounts, sinces, timeOf } from "./logSearch";
import { detailText } from "./text";
import { useTenant } from "./useTenant";

const route = getRouteApi("/signed-in/tenants/$key/logs");
const words = detailText.logs;

/** What the app of a dedicated tenant wrote, read when somebody asks for it. */
export function LogsTab() {
  const tenant = useTenant();
  const may = useMay();
  if (!tenant) return null;
  if (tenant.tier !== "dedicated") return <Text>{detailText.notDedicated}</Text>;
  if (!may("tenants:logs")) return <Text>{detailText.needs("tenants:logs")}</Text>;
  return <Logs key={tenant.id} tenant={tenant} />;
}

function Logs({ tenant }: { tenant: Tenant }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { read, logs, error, isReading } = useReadLogs(addressOf(tenant));
  const { lines: count = DEFAULT_LINES, since } = search;
  const body = () => ({ lines: count, ...(since ? { since: timeOf(since, Date.now()) } : {}) });
  const change = (next: LogSearch) => void navigate({ search: next, replace: true, resetScroll: false });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    read(body());
  };
  const lines = logs?.lines;
  return (
    <Panel title={words.title} hint={words.hint}>
      <Stack>
        <form onSubmit={submit}>
          <Group align="flex-end" gap="sm">
            <NativeSelect
              label={words.lines}
              value={String(count)}
              onChange={(event) => {
                const chosen = lineCounts.find((one) => String(one) === event.currentTarget.value);
                const { lines: _, ...rest } = search;
                change(chosen && chosen !== DEFAULT_LINES ? { ...rest, lines: chosen } : rest);
              }}
              data={lineCounts.map((one) => ({ value: String(one), label: words.lastLines(one) }))}
            />
            <NativeSelect
              label={words.since}
              value={since ?? "any"}
              onChange={(event) => {
                const chosen = sinces.find((one) => one === event.currentTarget.value);
                const { since: _, ...rest } = search;
                change(chosen ? { ...rest, since: chosen } : rest);
              }}
              data={(["any", ...sinces] as const).map((one) => ({
                value: one,
                label: words.sinceWords[one],
              }))}
            />
            <Button type="submit" loading={isReading} leftSection={<IconRefresh size={16} aria-hidden />}>
              {logs ? words.again : words.read}
            </Button>
          </Group>
        </form>
        {error && <ProblemAlert title={words.failed} error={error} />}
        <div role="status">{isReading && <Text c="dimmed">{words.waiting}</Text>}</div>
        {logs?.error && (
          <Text className="wrap-anywhere" c="var(--tone-red)">
            {words.notRead}: {logs.error.message} <code>{logs.error.code}</code>
          </Text>
        )}
        {lines && (
          <Group justify="space-between" gap="sm">
            <Text size="sm" className="numeric">
              {words.count(lines.length)} <TimeAgo at={logs.ended_at ?? logs.created_at} />
            </Text>
            <Group gap="md">
              <Checkbox
                label={words.wrap}
                checked={search.wrap !== "no"}
                onChange={(event) => {
                  const { wrap: _, ...rest } = search;
                  change(event.currentTarget.checked ? rest : { ...rest, wrap: "no" });
                }}
              />
              <Button
                variant="default"
                disabled={lines.length === 0}
                leftSection={<IconDownload size={16} aria-hidden />}
                onClick={() => saveText(`${tenant.key}.log`, textOf(lines))}
              >
                {words.download}
              </Button>
            </Group>
          </Group>
        )}
        {logs && lines && (
          <Lines tenantKey={tenant.key} logs={logs} lines={lines} wrap={search.wrap !== "no"} />
        )}
        <SameWith
          cli={words.cli(tenant.key, count, since && timeOf(since, Date.now()))}
          call={{ method: "POST", path: `/api/gateway/tenants/${tenant.key}/logs`, body: body() }}
        />
      </Stack>
    </Panel>
  );
}

/** Lines as a file holds them. */
export const textOf = (lines: readonly TenantLogLine[]): string =>
  lines.map(({ at, stream, text }) => `${at ?? "-"} ${stream} ${text}\n`).join("");

interface LinesProps {
  tenantKey: string;
  logs: TenantLogs;
  lines: readonly TenantLogLine[];
  wrap: boolean;
}

function Lines({ tenantKey, logs, lines, wrap }: LinesProps) {
  if (lines.length === 0) return <Text c="dimmed">{words.none}</Text>;
  // Lines have no names of their own, and a reading never changes: their places name them.
  const placed = lines.map((line, at) => ({ line, place: `${logs.id} ${at}` }));
  return (
    <Stack gap="xs">
      {logs.cut && (
        <Text size="sm" c="dimmed">
          {words.cut}
        </Text>
      )}
      <section
        className={classes.log}
        data-wrap={wrap || undefined}
        aria-label={words.region(tenantKey)}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
        tabIndex={0}
      >
        {placed.map(({ line, place }) => (
          <div key={place} className={classes.line}>
            <span className={classes.at}>{line.at ?? words.noTime}</span>{" "}
            <span className={line.stream === "stderr" ? classes.error : undefined}>{line.stream}</span>{" "}
            <bdi className={classes.text}>{line.text}</bdi>
          </div>
        ))}
      </section>
    </Stack>
  );
}
