import { Code, Stack, Text } from "@mantine/core";
import { useId } from "react";
import { Verdict } from "../fleet/Verdict";
import { type Column, DataTable } from "../parts/DataTable";
import { Facts } from "../parts/Facts";
import { duration } from "../time";
import { FlowPicture } from "./FlowPicture";
import { Reasons } from "./Reasons";
import classes from "./TestResult.module.css";
import { text } from "./text";
import type { RouteTest, RouteTestReply } from "./types";

const words = text.test;
const FIRST_FAILURE = 500;

/** What came back of a test request, beside what Traefik says about it. Everything an app sent is shown as text. */
export function TestResult({ test }: { test: RouteTest }) {
  const { reply, error, route, reasons } = test;
  return (
    <Stack gap="sm">
      <Outcome test={test} />
      <Facts
        facts={[
          {
            name: words.sent,
            value: (
              <Code>
                {test.method} {test.host}
                {test.path}
              </Code>
            ),
          },
          reply && { name: words.status, value: reply.status },
          reply && { name: words.head, value: duration(reply.head_ms) },
          reply && { name: reply.body_cut ? words.wholeCut : words.whole, value: duration(reply.whole_ms) },
          { name: words.by, value: answererOf(test) },
          reply && { name: words.revision, value: reply.revision ?? words.noRevision },
        ]}
      />
      {error && (
        <Text className="wrap-anywhere">
          {error.message} <code>{error.code}</code>
        </Text>
      )}
      <Reasons reasons={reasons} />
      {route && (
        <FlowPicture
          route={{ held: route, wanted: null, differences: [] }}
          label={text.list.pictureOf(test.tenant_key)}
        />
      )}
      {reply && <Headers reply={reply} />}
      {reply && <Body reply={reply} isHead={test.method === "HEAD"} />}
    </Stack>
  );
}

function Outcome({ test: { reply, as_wanted } }: { test: RouteTest }) {
  const wanted = as_wanted === null ? "" : ` ${as_wanted ? text.explain.asWanted : text.explain.notAsWanted}`;
  if (!reply) return <Verdict tone="red">{`${words.noReply}${wanted}`}</Verdict>;
  const isFailure = reply.status >= FIRST_FAILURE || as_wanted === false;
  const tone = isFailure ? "red" : as_wanted === true ? "green" : "blue";
  return <Verdict tone={tone}>{`${words.reply(reply.status, duration(reply.whole_ms))}${wanted}`}</Verdict>;
}

/** Who Traefik says answered. */
function answererOf({ reply, route }: RouteTest): string {
  if (reply?.page) return words.byPage(reply.page);
  return route ? words.byRouter(route.router, route.service) : words.byNobodyKnown;
}

type HeaderRow = RouteTestReply["headers"][number] & { at: number };

const columns: readonly Column<HeaderRow>[] = [
  {
    id: "name",
    header: words.headerColumns.name,
    names: true,
    cell: ({ name }) => <code className="wrap-anywhere">{name}</code>,
  },
  {
    id: "value",
    header: words.headerColumns.value,
    cell: ({ value }) => <code className="wrap-anywhere">{value}</code>,
  },
];

function Headers({ reply }: { reply: RouteTestReply }) {
  // A name may come twice.
  const rows = reply.headers.map((header, at) => ({ ...header, at }));
  return (
    <details>
      <summary>{words.headers}</summary>
      <DataTable
        caption={words.headers}
        columns={columns}
        rows={rows}
        rowKey={({ at }) => String(at)}
        dense
      />
    </details>
  );
}

function Body({ reply, isHead }: { reply: RouteTestReply; isHead: boolean }) {
  const heading = useId();
  return (
    <div>
      <Text fw={600} id={heading}>
        {words.body}
      </Text>
      {reply.body ? (
        <Code block className={classes.body ?? ""} tabIndex={0} aria-labelledby={heading} role="region">
          {reply.body}
        </Code>
      ) : (
        <Text c="dimmed">{isHead ? words.headBody : reply.body === "" ? words.emptyBody : words.noBody}</Text>
      )}
      {reply.body_cut && (
        <Text size="sm" c="dimmed">
          {words.bodyCut}
        </Text>
      )}
    </div>
  );
}
